import { describe, expect, it } from 'vitest';
import { createDtlsCertificate } from '../src/dtls/crypto/certificate.ts';
import { HandshakeType } from '../src/dtls/messages/handshake-message.ts';
import { ContentType } from '../src/dtls/record/record.ts';
import type { DtlsClientOptions } from '../src/peer/dtls-client.ts';
import { clientCertificate, createDtlsPair, serverCertificate } from './dtls-pair.ts';

const LIMIT_MS = 60_000;
const stranger = createDtlsCertificate();

/** Changes the message of that type. */
function tamperWith(type: HandshakeType, change: (body: Buffer) => Buffer | undefined): Partial<DtlsClientOptions> {
  return { tamper: (sent, body) => (sent === type ? change(body) : body) };
}

function flipped(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body);
  copy[at]! ^= 1;
  return copy;
}

describe('a DTLS server', () => {
  it.each<[string, Partial<DtlsClientOptions>, string]>([
    ['has a certificate of its own', { certificate: stranger }, 'fingerprint_mismatch'],
    [
      'shows the announced certificate, and does not have its key',
      { certificate: { ...clientCertificate, privateKey: stranger.privateKey } },
      'bad_signature',
    ],
    ['shows no certificate', tamperWith(HandshakeType.certificate, () => Buffer.alloc(3)), 'fingerprint_mismatch'],
    ['leaves Certificate out', tamperWith(HandshakeType.certificate, () => undefined), 'timeout'],
    ['leaves CertificateVerify out', tamperWith(HandshakeType.certificateVerify, () => undefined), 'timeout'],
    ['signs nothing', tamperWith(HandshakeType.certificateVerify, () => Buffer.of(4, 3, 0, 0)), 'bad_signature'],
    [
      'signs with a bit wrong',
      tamperWith(HandshakeType.certificateVerify, (body) => flipped(body, 20)),
      'bad_signature',
    ],
    [
      'names another signature scheme',
      tamperWith(HandshakeType.certificateVerify, (body) => flipped(body, 0)),
      'bad_signature',
    ],
    [
      'sends a key that is no point',
      tamperWith(HandshakeType.clientKeyExchange, () => Buffer.alloc(33, 0).fill(32, 0, 1)),
      'bad_signature',
    ],
    ['sends a key of no length', tamperWith(HandshakeType.clientKeyExchange, () => Buffer.of(0)), 'bad_signature'],
    [
      'has another view of the handshake',
      tamperWith(HandshakeType.finished, (body) => flipped(body, 11)),
      'bad_finished',
    ],
    ['leaves Finished out', tamperWith(HandshakeType.finished, () => Buffer.alloc(0)), 'timeout'],
    ['has no extended master secret', { offer: { extendedMasterSecret: false } }, 'no_common_parameters'],
    ['has no cipher suite of ours', { offer: { cipherSuites: [0xc02f] } }, 'no_common_parameters'],
  ])('does not admit a client that %s', (_, client, reason) => {
    const pair = createDtlsPair({ client });
    expect(pair.connect(LIMIT_MS)).toBe(false);
    expect(pair.atServer.keys).toEqual([]);
    expect(pair.atServer.closed).toEqual([reason]);
    expect(pair.server.phase).toBe('closed');
    expect(pair.server.bufferedBytes).toBe(0);
    expect(pair.server.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is not admitted by a client that expects another', () => {
    const remoteFingerprint = { algorithm: 'sha-256', value: stranger.fingerprint };
    const pair = createDtlsPair({ client: { remoteFingerprint } });
    expect(pair.connect(LIMIT_MS)).toBe(false);
    expect(pair.atClient.closed).toEqual(['fingerprint_mismatch']);
    const keyless = { ...serverCertificate, privateKey: stranger.privateKey };
    const impostor = createDtlsPair({ server: { certificate: keyless } });
    expect(impostor.connect(LIMIT_MS)).toBe(false);
    expect(impostor.atClient.closed).toEqual(['bad_signature']);
  });

  it('hears no application data before Finished, under whatever keys', () => {
    // The empty "Finished" leaves the client in possession of the keys, and the server waiting.
    const pair = createDtlsPair({ client: tamperWith(HandshakeType.finished, () => Buffer.alloc(0)) });
    pair.connect(1000);
    expect(pair.server.phase).toBe('awaiting_finished');
    pair.client.sendRecord(1, ContentType.applicationData, Buffer.from('too soon'));
    pair.client.sendRecord(0, ContentType.applicationData, Buffer.from('in plain'));
    pair.time.runFor(100);
    expect(pair.atServer.data).toEqual([]);
    expect(pair.server.stats.recordsIgnored).toBeGreaterThan(0);

    const early = createDtlsPair();
    early.client.start(0);
    for (let atMs = 1; atMs < 60; atMs += 2) {
      early.time.runUntil(atMs);
      early.client.sendRecord(0, ContentType.applicationData, Buffer.from('in plain'));
    }
    early.time.runFor(200);
    expect(early.server.phase).toBe('connected');
    expect(early.atServer.data).toEqual([]);
  });

  it('drops a peer that authentically reports its own failure', () => {
    const pair = createDtlsPair({ client: tamperWith(HandshakeType.finished, () => Buffer.alloc(0)) });
    pair.connect(500);
    pair.client.sendRecord(1, ContentType.alert, Buffer.of(2, 40));
    pair.time.runFor(20);
    expect(pair.atServer.closed).toEqual(['fatal_alert']);
  });

  it('waits without a deadline for a peer that has sent nothing', () => {
    const { server, time } = createDtlsPair();
    expect(server.deadline()).toBe(Number.POSITIVE_INFINITY);
    time.runFor(1_000_000);
    expect(server.phase).toBe('listening');
  });

  it('stops sending when the client has gone silent', () => {
    const { client, server, fromServer, atServer, time, link } = createDtlsPair();
    client.start(0);
    time.runUntil(35);
    link.setConditions({ lossRate: 1 });
    time.runFor(100_000);
    expect(server.phase).toBe('closed');
    expect(atServer.closed).toEqual(['timeout']);
    expect(fromServer.length).toBeLessThan(30);
  });
});
