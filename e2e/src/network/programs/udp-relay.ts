import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { DelayLine } from '../../delay-line.ts';
import type { DelayOptions } from '../delay.ts';

/** Relays UDP to one address, with a socket for each source, and delays it in both directions. */
function relay({ delayMs, jitterMs, to }: DelayOptions): void {
  const near = createSocket('udp4');
  const far = new Map<string, Socket>();
  const line = new DelayLine<() => void>((send) => send());
  const later = (send: () => void) => line.push(send, performance.now() + delayMs + Math.random() * jitterMs);
  const farSocket = (peer: RemoteInfo): Socket => {
    const key = `${peer.address}:${peer.port}`;
    const known = far.get(key);
    if (known !== undefined) return known;
    const socket = createSocket('udp4');
    socket.on('message', (datagram) => later(() => near.send(datagram, peer.port, peer.address)));
    far.set(key, socket);
    return socket;
  };
  near.on('message', (datagram, peer) => later(() => farSocket(peer).send(datagram, to.port, to.address)));
  near.bind(0, () => process.send?.(near.address().port));
}

process.once('message', (options: DelayOptions) => relay(options));
process.once('disconnect', () => process.exit());
