import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SrtpProfile } from '@rtcd/packet-io';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDtlsCertificate, type DtlsCertificate } from '../src/dtls/crypto/certificate.ts';
import { certificateFingerprint } from '../src/dtls/crypto/fingerprint.ts';
import { openUdpDtlsServer, type UdpDtlsServer } from './udp-dtls-server.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('skipping the tests against openssl: there is no openssl in the PATH');

/** openssl's names. */
const PROFILES: Readonly<Record<SrtpProfile, string>> = {
  AEAD_AES_128_GCM: 'SRTP_AEAD_AES_128_GCM',
  AES_CM_128_HMAC_SHA1_80: 'SRTP_AES128_CM_SHA1_80',
};
const SALT_SIZES: Readonly<Record<SrtpProfile, number>> = { AEAD_AES_128_GCM: 12, AES_CM_128_HMAC_SHA1_80: 14 };

it('has openssl if REQUIRE_OPENSSL is set', () => {
  expect(hasOpenssl || !process.env.REQUIRE_OPENSSL).toBe(true);
});

describe.skipIf(!hasOpenssl)('openssl s_client', () => {
  const serverCertificate = createDtlsCertificate();
  const folder = mkdtempSync(join(tmpdir(), 'rtcd-dtls-'));
  let udp: UdpDtlsServer | undefined;
  let client: ChildProcessWithoutNullStreams | undefined;

  beforeAll(() => {
    makeCertificate('rsa', ['-newkey', 'rsa:2048', '-nodes']);
    makeCertificate('ec', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']);
    makeCertificate('p384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1', '-nodes']);
    writeOwnCertificate('own', createDtlsCertificate());
  });

  afterEach(async () => {
    client?.kill();
    await udp?.close();
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  function makeCertificate(name: string, args: readonly string[]): void {
    const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)];
    spawnSync('openssl', ['req', '-x509', '-subj', '/CN=test', '-days', '1', ...args, ...files]);
  }

  function writeOwnCertificate(name: string, certificate: DtlsCertificate): void {
    writeFileSync(join(folder, `${name}.pem`), new X509Certificate(certificate.der).toString());
    writeFileSync(join(folder, `${name}.key`), certificate.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }

  function fingerprintOf(name: string, algorithm = 'sha256'): string {
    const pem = readFileSync(join(folder, `${name}.pem`), 'latin1');
    const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64');
    if (algorithm === 'sha256') return certificateFingerprint(der);
    return createHash(algorithm)
      .update(der)
      .digest('hex')
      .replace(/..(?=.)/g, '$&:');
  }

  /** Connects s_client with that certificate; its output goes on in `output()`. */
  async function connect(
    name: string,
    profiles: readonly SrtpProfile[],
    args: readonly string[] = [],
    fingerprint?: string,
  ) {
    const value = fingerprint ?? fingerprintOf(name);
    udp = await openUdpDtlsServer({
      certificate: serverCertificate,
      remoteFingerprint: { algorithm: value.length > 95 ? 'sha-512' : 'sha-256', value },
    });
    client = spawn('openssl', [
      ...['s_client', '-dtls1_2', '-connect', `127.0.0.1:${udp.port}`],
      ...['-use_srtp', profiles.map((profile) => PROFILES[profile]).join(':')],
      ...['-cert', join(folder, `${name}.pem`), '-key', join(folder, `${name}.key`)],
      ...['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', String(2 * (16 + SALT_SIZES[profiles[0]!]))],
      ...args,
    ]);
    let output = '';
    client.stdout.on('data', (chunk) => {
      output += chunk;
    });
    return { udp, client, output: () => output };
  }

  it.each([
    ['ec', 'AEAD_AES_128_GCM'],
    ['rsa', 'AEAD_AES_128_GCM'],
    ['own', 'AES_CM_128_HMAC_SHA1_80'],
  ] as const)('connects with its %s certificate, and exports the same keys for %s', async (name, profile) => {
    const { udp, client, output } = await connect(name, [profile]);
    const { local, remote } = await udp.connected;
    client.stdin.write('hello\n');
    expect((await udp.nextData()).toString()).toBe('hello\n');
    udp.server.send(Buffer.from('good day\n'));
    await expect.poll(output).toContain('good day');

    expect(local.profile).toBe(profile);
    const keys = [remote.masterKey, local.masterKey, remote.masterSalt, local.masterSalt];
    const exported = Buffer.concat(keys).toString('hex').toUpperCase();
    expect(output()).toContain(`Keying material: ${exported}`);
    expect(output()).toContain(`SRTP Extension negotiated, profile=${PROFILES[profile]}`);
    expect(output()).toContain('Extended master secret: yes');

    client.stdin.end();
    expect(await udp.closed).toBe('close_notify');
  });

  it.each([
    ['X25519', 'X25519:P-256', 'Server Temp Key: X25519'],
    ['P-256', 'P-256', 'Server Temp Key: ECDH, prime256v1'],
  ])('connects with a key share on %s', async (_, groups, line) => {
    const { udp, output } = await connect('ec', ['AEAD_AES_128_GCM'], ['-groups', groups]);
    await udp.connected;
    await expect.poll(output).toContain(line);
  });

  it('chooses AEAD of both profiles, whichever comes first', async () => {
    const { udp } = await connect('ec', ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM']);
    expect((await udp.connected).remote.profile).toBe('AEAD_AES_128_GCM');
  });

  it('connects in fragments of 256 bytes', async () => {
    const { udp } = await connect('rsa', ['AEAD_AES_128_GCM'], ['-mtu', '256']);
    await udp.connected;
  });

  it('is recognized by a SHA-512 fingerprint', async () => {
    const { udp } = await connect('ec', ['AEAD_AES_128_GCM'], [], fingerprintOf('ec', 'sha512'));
    await udp.connected;
  });

  it('is not taken for another', async () => {
    const { udp } = await connect('ec', ['AEAD_AES_128_GCM'], [], fingerprintOf('rsa'));
    await expect.poll(() => udp.server.stats.messagesRejected).toBeGreaterThan(0);
    expect(udp.server.phase).toBe('negotiating');
  });

  it.each([
    ['without a certificate of a kind that we verify', 'p384', []],
    ['without a cipher suite of ours', 'ec', ['-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384']],
    ['without a group of ours', 'ec', ['-groups', 'P-384']],
  ])('is refused %s', async (_, name, args) => {
    const { udp } = await connect(name, ['AEAD_AES_128_GCM'], args);
    await expect.poll(() => udp.server.stats.messagesRejected).toBeGreaterThan(0);
    expect(udp.server.phase).not.toBe('connected');
  });
});
