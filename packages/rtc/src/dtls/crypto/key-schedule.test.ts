import { createHash, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DATAGRAMS, EXPORTED_SRTP_KEYS, MASTER_SECRET } from '../../../test/vectors/openssl-dtls12.ts';
import { parseClientHello } from '../messages/client-hello.ts';
import { messageBody } from '../messages/handshake-message.ts';
import { parseServerHello } from '../messages/server-hello.ts';
import { ContentType, parseRecords } from '../record/record.ts';
import { RecordCipher } from '../record/record-cipher.ts';
import { deriveRecordKeys, exportSrtpKeys, finishedVerifyData } from './key-schedule.ts';

const master = createSecretKey(MASTER_SECRET);
const payloads = (datagram: Buffer) =>
  parseRecords(datagram)
    .filter(({ contentType, epoch }) => contentType === ContentType.handshake && epoch === 0)
    .map(({ payload }) => payload);
const [clientHello] = payloads(DATAGRAMS.clientHelloWithCookie);
const serverFlight = payloads(DATAGRAMS.serverFlight);
const clientFlight = payloads(DATAGRAMS.clientFlight);
const randoms = {
  client: parseClientHello(messageBody(clientHello!))!.random,
  server: parseServerHello(messageBody(serverFlight[0]!))!.random,
};

describe("the key schedule, over openssl's handshake", () => {
  it('computes the Finished messages of both sides', () => {
    const keys = deriveRecordKeys(master, randoms);
    const clientFinished = new RecordCipher(keys.client).open(parseRecords(DATAGRAMS.clientFlight)[4]!);
    const serverFinished = new RecordCipher(keys.server).open(parseRecords(DATAGRAMS.serverFinished)[1]!);
    const transcript = createHash('sha256');
    for (const message of [clientHello, ...serverFlight, ...clientFlight]) transcript.update(message!);

    expect(finishedVerifyData(master, 'client', transcript.copy().digest())).toEqual(messageBody(clientFinished!));
    transcript.update(clientFinished!);
    expect(finishedVerifyData(master, 'server', transcript.digest())).toEqual(messageBody(serverFinished!));
  });

  it('exports the SRTP keys that openssl exports', () => {
    const { client, server } = exportSrtpKeys(master, randoms, 'AEAD_AES_128_GCM');
    const parts = [client.masterKey, server.masterKey, client.masterSalt, server.masterSalt];
    expect(Buffer.concat(parts)).toEqual(EXPORTED_SRTP_KEYS);
    expect(client.profile).toBe('AEAD_AES_128_GCM');
  });

  it('exports 16 bytes of key and 14 of salt for AES_CM_128_HMAC_SHA1_80', () => {
    const { client, server } = exportSrtpKeys(master, randoms, 'AES_CM_128_HMAC_SHA1_80');
    for (const { masterKey, masterSalt } of [client, server]) {
      expect([masterKey.length, masterSalt.length]).toEqual([16, 14]);
    }
    // It begins as the export for GCM does: only the length differs.
    const start = Buffer.concat([client.masterKey, server.masterKey]);
    expect(start).toEqual(EXPORTED_SRTP_KEYS.subarray(0, 32));
  });
});
