import { randomBytes } from 'node:crypto';
import { DESCRIPTOR_WORDS, eachPacket, openPacketIo } from '@rtcd/packet-io';

const addresses = [{ address: '127.0.0.1', port: 0 }];
const profile = 'AEAD_AES_128_GCM';

// Two listeners, each with a socket and with keys of its own. A DTLS-SRTP handshake would give them.
const listeners = await Promise.all(
  ['Ada', 'Grace'].map(async (name) => {
    const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(12) };
    const heard = Promise.withResolvers();
    const io = await openPacketIo({
      addresses,
      onPackets: eachPacket((packet) => {
        const length = receiver.unprotectRtp(packet); // in place; negative if it was dropped
        if (length > 0) heard.resolve(`${name} heard "${packet.subarray(12, length)}"`);
      }),
    });
    const receiver = io.createReceiver({ profile, ...keys });
    return { io, keys, heard: heard.promise };
  }),
);

// The sender opens a slot per listener.
const sender = await openPacketIo({ addresses, onPackets: () => {} });
const slots = listeners.flatMap(({ io, keys }) =>
  io.localAddresses.map(({ address, port }) => {
    const path = sender.openPath({ local: 0, address, port }); // from our first socket to the listener's
    return sender.openSlot(path, { profile, ...keys });
  }),
);

// One RTP header per listener, one payload for all of them, and a descriptor for each packet.
const payload = Buffer.from('hello');
const headers = slots.map((_, i) => Buffer.from([0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 42 + i]));
const arena = Buffer.concat([payload, ...headers]);
const descriptors = new Uint32Array(slots.length * DESCRIPTOR_WORDS);
for (const [i, slot] of slots.entries()) {
  const headerOffset = payload.length + 12 * i;
  descriptors.set([slot, 0, headerOffset, 12, 0, 0, payload.length], i * DESCRIPTOR_WORDS);
}
sender.send(arena, descriptors, slots.length);

for (const { heard } of listeners) console.log(await heard); // Ada heard "hello", Grace heard "hello"

for (const { io } of [...listeners, { io: sender }]) await io.close();
