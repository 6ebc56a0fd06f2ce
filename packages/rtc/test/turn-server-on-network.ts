import { eachPacket } from '@rtcd/packet-io';
import type { SimulatedNetwork } from '@rtcd/packet-io/testing';
import type { Clock, ConnectToServer } from '../src/index.ts';
import { FakeTurnServer } from './fake-turn-server.ts';

export const TURN_CREDENTIALS = { username: 'user', credential: 'password' };
export const TURN_SERVERS = [{ urls: ['turn:192.0.2.50:3478'], ...TURN_CREDENTIALS }];

/** A TURN server whose relayed addresses are on a simulated network. Messages between it and the SFU take no time. */
export class TurnServerOnNetwork {
  /** One for each connection of the SFU. */
  readonly allocations: FakeTurnServer[] = [];
  /** Ends all connections, as when the server stops. */
  readonly ends: ((reason: string) => void)[] = [];

  readonly connect =
    (network: SimulatedNetwork, clock: Clock): ConnectToServer =>
    async (_target, handlers) => {
      const relayed = { address: '203.0.113.50', port: 50_000 + this.allocations.length };
      const io = network.open({
        addresses: [relayed],
        onPackets: eachPacket((packet, id) => {
          const { address, port } = io.pathOf(id)!;
          server.fromPeer(packet, { address, port });
        }),
      });
      const server = new FakeTurnServer(
        { ...TURN_CREDENTIALS, relayed },
        {
          toClient: (message) => handlers.onBytes(message),
          toPeer: (data, { address, port }) => {
            const path = io.openPath({ local: 0, address, port });
            io.transmit(data, path);
            io.releasePath(path);
          },
          nowMs: () => clock.nowMs(),
        },
      );
      this.allocations.push(server);
      this.ends.push((reason) => handlers.onEnd(reason));
      return { drops: 0, send: (bytes) => server.fromClient(Buffer.from(bytes)), close: () => void io.close() };
    };
}
