import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CLIENT_TEXT, DATAGRAMS, MASTER_SECRET, SERVER_TEXT } from '../../../test/vectors/openssl-dtls12.ts';
import { deriveRecordKeys } from '../crypto/key-schedule.ts';
import { parseClientHello } from '../messages/client-hello.ts';
import { messageBody } from '../messages/handshake-message.ts';
import { parseServerHello } from '../messages/server-hello.ts';
import { ContentType, parseRecords } from './record.ts';
import { RECORD_OVERHEAD, RecordCipher } from './record-cipher.ts';

const [clientHello] = parseRecords(DATAGRAMS.clientHelloWithCookie);
const [serverHello] = parseRecords(DATAGRAMS.serverFlight);
const keys = deriveRecordKeys(createSecretKey(MASTER_SECRET), {
  client: parseClientHello(messageBody(clientHello!.payload))!.random,
  server: parseServerHello(messageBody(serverHello!.payload))!.random,
});

describe('RecordCipher', () => {
  it('opens what openssl has sealed', () => {
    const client = new RecordCipher(keys.client);
    const server = new RecordCipher(keys.server);
    expect(client.open(parseRecords(DATAGRAMS.clientData)[0]!)?.toString()).toBe(CLIENT_TEXT);
    expect(server.open(parseRecords(DATAGRAMS.serverData)[0]!)?.toString()).toBe(SERVER_TEXT);
    expect(client.open(parseRecords(DATAGRAMS.clientCloseNotify)[0]!)).toEqual(Buffer.of(1, 0));
    expect(server.open(parseRecords(DATAGRAMS.clientData)[0]!)).toBeUndefined();
  });

  it('seals so that it can be opened', () => {
    const cipher = new RecordCipher(keys.client);
    const fields = { contentType: ContentType.applicationData, epoch: 1, sequence: 2 ** 40 + 5 };
    for (const size of [0, 1, 1200, 2 ** 14]) {
      const payload = Buffer.alloc(size, 7);
      const bytes = cipher.seal(fields, payload);
      expect(bytes).toHaveLength(size + RECORD_OVERHEAD);
      expect(cipher.open(parseRecords(bytes)[0]!)).toEqual(payload);
    }
  });

  it('opens nothing of which a bit has changed', () => {
    const cipher = new RecordCipher(keys.client);
    const fields = { contentType: ContentType.applicationData, epoch: 1, sequence: 9 };
    const sealed = cipher.seal(fields, Buffer.from('payload'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = Buffer.from(sealed);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      for (const record of parseRecords(forged)) expect(cipher.open(record)).toBeUndefined();
    }
  });

  it('opens nothing that is too short to have been sealed', () => {
    const cipher = new RecordCipher(keys.client);
    const record = parseRecords(DATAGRAMS.clientData)[0]!;
    for (let size = 0; size < record.payload.length; size++) {
      expect(cipher.open({ ...record, payload: record.payload.subarray(0, size) })).toBeUndefined();
    }
  });
});
