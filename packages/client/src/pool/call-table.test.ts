import { expect, it } from 'vitest';
import { CallTable } from './call-table.ts';

it('a call stays on its first host', () => {
  const table = new CallTable();
  table.place('call', 'a');
  table.place('call', 'b');
  expect(table.hostOf('call')).toBe('a');
  expect(table.callsOn('a')).toEqual(['call']);
  expect(table.callsOn('b')).toEqual([]);
});

it('a call ends with its last session', () => {
  const table = new CallTable();
  table.place('call', 'a');
  table.join('call', 's1');
  table.join('call', 's2');
  expect(table.callOf('s1')).toBe('call');
  expect(table.leave('s1')).toBeUndefined();
  expect(table.leave('s1')).toBeUndefined();
  expect(table.sessionsOf('call')).toEqual(['s2']);
  expect(table.leave('s2')).toBe('call');
  expect(table.hostOf('call')).toBeUndefined();
  expect(table.callsOn('a')).toEqual([]);
});

it('a call that is ended removes its sessions', () => {
  const table = new CallTable();
  table.place('call', 'a');
  table.join('call', 's1');
  table.end('call');
  table.end('call');
  expect(table.callOf('s1')).toBeUndefined();
  expect(table.hostOf('call')).toBeUndefined();
  expect(table.leave('s1')).toBeUndefined();
});
