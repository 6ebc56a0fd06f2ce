import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { SrtpProfile } from '@rtcd/packet-io';

/** Protects one packet and sends it. */
export type NaiveSend = (header: Uint8Array, payload: Uint8Array, port: number) => void;

/**
 * The obvious implementation, written without a thought of cost, and compared with in the same run: a cipher per packet from a key in a
 * buffer, an HMAC per packet, new buffers for all, and a socket that looks up every address.
 */
export async function openNaiveForwarder(profile: SrtpProfile): Promise<{ send: NaiveSend; close(): void }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const send = profile === 'AEAD_AES_128_GCM' ? naiveGcm(socket) : naiveAesCm(socket);
  return { send, close: () => socket.close() };
}

function naiveGcm(socket: Socket): NaiveSend {
  const key = randomBytes(16);
  return (header, payload, port) => {
    const iv = Buffer.alloc(12);
    iv.set(header.subarray(8, 12), 2);
    iv.set(header.subarray(2, 4), 10);
    const cipher = createCipheriv('aes-128-gcm', key, iv).setAAD(header);
    const packet = Buffer.concat([header, cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
    socket.send(packet, port, '127.0.0.1');
  };
}

function naiveAesCm(socket: Socket): NaiveSend {
  const key = randomBytes(16);
  const authKey = randomBytes(20);
  return (header, payload, port) => {
    const iv = Buffer.alloc(16);
    iv.set(header.subarray(8, 12), 4);
    iv.set(header.subarray(2, 4), 12);
    const body = Buffer.concat([header, createCipheriv('aes-128-ctr', key, iv).update(payload)]);
    const tag = createHmac('sha1', authKey).update(body).update(Buffer.alloc(4)).digest().subarray(0, 10);
    socket.send(Buffer.concat([body, tag]), port, '127.0.0.1');
  };
}
