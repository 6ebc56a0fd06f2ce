import { expect, it } from 'vitest';
import { ConnectionsFirst } from './connections-first.ts';

function create() {
  const scheduled: (() => void)[] = [];
  const connections = new ConnectionsFirst((callback) => void scheduled.push(callback));
  let isDone = false;
  connections.defer(() => {
    isDone = true;
  });
  return { connections, endTurn: () => scheduled.shift()!(), isDone: () => isDone };
}

it('puts work off to the end of the first turn without a new connection', () => {
  const { connections, endTurn, isDone } = create();
  for (let turn = 0; turn < 10; turn++) {
    connections.accepted();
    endTurn();
    expect(isDone()).toBe(false);
  }
  endTurn();
  expect(isDone()).toBe(true);
});

it('does not put it off forever', () => {
  const { connections, endTurn, isDone } = create();
  let turns = 0;
  while (!isDone()) {
    connections.accepted();
    endTurn();
    turns++;
  }
  expect(turns).toBe(33);
});
