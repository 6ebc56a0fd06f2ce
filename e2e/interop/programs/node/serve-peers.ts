import { createInterface } from 'node:readline';
import type { Command, PeerEvent } from '../../src/contract.ts';

type Name = Command['do'];
/** A peer as a table of what it does on each command. What a stack cannot do is left out. */
export type Peer = { readonly [N in Name]?: (command: Extract<Command, { readonly do: N }>) => void | Promise<void> };
export type Emit = (event: PeerEvent) => void;

/** Speaks the contract on stdin and stdout for any number of peers. Commands of a peer run one after the other. */
export function servePeers(createPeer: (command: Extract<Command, { do: 'start' }>, emit: Emit) => Peer): void {
  const peers = new Map<string, { peer: Peer; last: Promise<void>; isClosed: boolean }>();
  const lines = createInterface(process.stdin);
  lines.on('line', (line) => {
    const { peer: name, ...command } = JSON.parse(line) as Command & { readonly peer: string };
    const emit: Emit = (event) => {
      if (!peers.get(name)?.isClosed) process.stdout.write(`${JSON.stringify({ peer: name, ...event })}\n`);
    };
    if (command.do === 'start') {
      peers.set(name, { peer: createPeer(command, emit), last: Promise.resolve(), isClosed: false });
    }
    const entry = peers.get(name);
    if (entry === undefined) return;
    if (command.do === 'close') entry.isClosed = true;
    entry.last = entry.last
      .then(() => run(entry.peer, command))
      .catch((error: unknown) => emit({ event: 'error', message: `${command.do}: ${error}` }));
  });
  lines.on('close', () => process.exit());
}

function run(peer: Peer, command: Command): void | Promise<void> {
  const handler = peer[command.do] as ((command: Command) => void | Promise<void>) | undefined;
  if (handler === undefined) throw new Error('not supported');
  return handler(command);
}
