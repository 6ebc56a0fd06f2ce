import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from './test-server.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('a server that cannot start', () => {
  it('names a port in use and the remedy', async () => {
    const { address } = await startServer();
    const listenAddress = `127.0.0.1:${address.port}`;
    await expect(startServer({}, { listenAddress })).rejects.toMatchObject({
      code: 'address_in_use',
      message: `cannot listen for HTTP on ${listenAddress}: the port is in use. Stop the process that uses it, or set another listen address`,
    });
  });

  it('names an address that this machine does not have', async () => {
    await expect(startServer({}, { listenAddress: '192.0.2.1:0' })).rejects.toMatchObject({
      code: 'address_not_available',
      message: expect.stringContaining('192.0.2.1:0'),
    });
  });

  it('names an unusable address', async () => {
    await expect(startServer({}, { listenAddress: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_address',
      message: expect.stringContaining('"nonsense"'),
    });
  });

  it.each([
    [
      'a missing certificate',
      'missing.crt',
      'first.key',
      /cannot read the TLS certificate .*missing\.crt: no such file/,
    ],
    ['a missing key', 'first.crt', 'missing.key', /cannot read the TLS private key .*missing\.key: no such file/],
    ['a key in place of a certificate', 'first.key', 'first.key', /first\.key does not contain a PEM certificate/],
    [
      'a certificate in place of a key',
      'first.crt',
      'first.crt',
      /first\.crt does not contain an unencrypted PEM private key/,
    ],
    ['a key of another certificate', 'first.crt', 'second.key', /second\.key does not belong to .*first\.crt/],
  ])('names the file: %s', async (_, cert, key, message) => {
    const tls = { certFile: fixture(cert), keyFile: fixture(key) };
    await expect(startServer({}, { tls })).rejects.toMatchObject({
      code: 'invalid_certificate',
      message: expect.stringMatching(message),
    });
  });

  it('refuses files of garbage', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rtcd-api-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const certFile = join(folder, 'garbage');
    await writeFile(certFile, Buffer.alloc(1000, 0xff));
    await expect(startServer({}, { tls: { certFile, keyFile: certFile } })).rejects.toMatchObject({
      code: 'invalid_certificate',
    });
  });
});
