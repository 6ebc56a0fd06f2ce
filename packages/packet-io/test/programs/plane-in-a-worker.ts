import { parentPort, workerData } from 'node:worker_threads';
import { openPacketIo } from '../../src/index.ts';
import { rtpPacket, sendRtp, testKeys } from '../packets.ts';

/** Sends one packet from a native plane of this thread, and leaves it open: the thread is ended with it. */
const { port } = workerData as { port: number };
const io = await openPacketIo({ addresses: [{ address: '127.0.0.1', port: 0 }], onPackets: () => {}, plane: 'native' });
const slot = io.openSlot(io.openPath({ local: 0, address: '127.0.0.1', port }), testKeys('AEAD_AES_128_GCM'));
sendRtp(io, slot, rtpPacket(1));
setImmediate(() => parentPort!.postMessage(io.localAddresses[0]!.port));
