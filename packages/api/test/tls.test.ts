import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Api } from '../src/index.ts';
import { createLogRecorder, startServer } from './test-server.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function temporaryIdentity() {
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-api-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tls = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  await copyFile(fixture('first.crt'), tls.certFile);
  await copyFile(fixture('first.key'), tls.keyFile);
  return tls;
}

async function handshake({ address }: Api, maxVersion?: SecureVersion): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: address.port,
    rejectUnauthorized: false,
    ...(maxVersion && { minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }),
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const commonName = async (api: Api) => (await handshake(api)).getPeerCertificate().subject.CN;

describe('TLS', () => {
  it('serves over HTTPS, with the certificate it was given', async () => {
    const api = await startServer({}, { tls: await temporaryIdentity() });
    expect(api.url).toMatch(/^https:/);
    const ca = await readFile(fixture('first.crt'));
    const body = await new Promise((resolve, reject) => {
      request(`${api.url}/system`, { ca }, async (response) => {
        resolve(Buffer.concat(await response.toArray()).toString());
      })
        .once('error', reject)
        .end();
    });
    expect(body).toBe('{"cpu_load":0.5}\n');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
    const api = await startServer({}, { tls: await temporaryIdentity() });
    expect((await handshake(api, version)).getProtocol()).toBe(version);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('does not speak %s', async (version) => {
    const api = await startServer({}, { tls: await temporaryIdentity() });
    await expect(handshake(api, version)).rejects.toThrow();
  });

  it('loads a new certificate, once both files match, without a restart', async () => {
    const logger = createLogRecorder();
    const tls = await temporaryIdentity();
    const api = await startServer({}, { tls, logger, tlsReloadIntervalMs: 5 });
    expect(await commonName(api)).toBe('first.rtcd.test');

    await copyFile(fixture('second.crt'), tls.certFile);
    await vi.waitUntil(() => logger.lines.some(({ level }) => level === 'error'));
    expect(await commonName(api)).toBe('first.rtcd.test');

    await copyFile(fixture('second.key'), tls.keyFile);
    await vi.waitUntil(() => logger.lines.some(({ message }) => message === 'TLS certificate reloaded'));
    expect(await commonName(api)).toBe('second.rtcd.test');
  });

  it('warns of a certificate that has expired', async () => {
    const logger = createLogRecorder();
    const tls = { certFile: fixture('expired.crt'), keyFile: fixture('first.key') };
    await startServer({}, { tls, logger });
    expect(logger.lines).toMatchObject([{ level: 'warn', message: 'TLS certificate expired' }]);
  });
});
