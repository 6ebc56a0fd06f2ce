import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hasCoturn, startCoturn } from '../../../packages/rtc/test/coturn.ts';
import { createServerCertificate } from '../../../packages/rtc/test/server-certificate.ts';
import { canMountDisks, mountSmallDisk } from '../../../packages/store/test/small-disk.ts';
import { examine, runDoctor } from './doctor-process.ts';
import { freeMediaPort } from './free-media-port.ts';
import { startRtcdProcess, temporaryFolder } from './rtcd-process.ts';
import { startStunServer } from './stun-server.ts';

// Each test starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const PUBLIC = { address: '203.0.113.7', port: 8443 };

async function stunServer(...args: Parameters<typeof startStunServer>) {
  const server = await startStunServer(...args);
  onTestFinished(() => server.close());
  return server.url;
}

const SECRETS = {
  RTCD_API_SECURITY_ENABLEADMIN: 'true',
  RTCD_API_SECURITY_ADMINSECRETKEY: 'admin-secret',
  RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: 'static-secret',
  RTCD_RTC_ICESERVERS: JSON.stringify([
    { urls: 'turn:127.0.0.1:1', username: 'turn-user', credential: 'turn-credential' },
  ]),
};

describe('the report', () => {
  it('is text with the table of addresses, findings, and advice', async () => {
    const { code, stdout, stderr } = await runDoctor({});
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^rtcd doctor: rtcd \S+ \(node v.*\) on \w+ \w+, \d{4}-/);
    expect(stdout).toMatch(/^ {2}lo +udp 127\.0\.0\.1:\d+ +advertised as 127\.0\.0\.1:\d+ +loopback/m);
    expect(stdout).toMatch(/^ {2}ERROR +addresses +No address is advertised/m);
    expect(stdout).toMatch(/^ +Advice: /m);
    expect(stdout).toMatch(/\d+ errors?, \d+ warnings?\.\n$/);
    expect(code).toBe(2);
  });

  it.each([['--json'], ['']])('contains no secrets %s', async (flag) => {
    const { stdout, stderr } = await runDoctor({
      args: flag ? [flag, '--peer', 'http://user:peer-secret@127.0.0.1:1/'] : [],
      environment: SECRETS,
    });
    expect(stdout).toContain('addresses');
    for (const secret of ['admin-secret', 'static-secret', 'turn-credential', 'peer-secret']) {
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  it('is refused for an unknown option, with exit code 2', async () => {
    const { code, stdout, stderr } = await runDoctor({ args: ['--nonsense'] });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^rtcd: Unknown option '--nonsense'.* See rtcd --help\n$/);
  });
});

describe('the configuration', () => {
  it('is an error if rtcd does not start with it, in the words of the start', async () => {
    const { code, of } = await examine({ environment: { RTCD_RTC_ICEPORTUDP: '70000' } });
    expect(of('config')).toMatchObject([
      { level: 'error', message: expect.stringContaining('rtc.ice_port_udp is 70000') },
    ]);
    expect(code).toBe(2);
  });

  it('is an error if an override cannot be meant', async () => {
    const { of } = await examine({ environment: { RTCD_RTC_ICEHOSTOVERRIDE: '1.2.3.400' } });
    expect(of('config')).toMatchObject([{ level: 'error', message: expect.stringContaining('"1.2.3.400"') }]);
  });

  it('is read from the file, whose misspelled names are warnings', async () => {
    const path = join(await temporaryFolder(), 'rtcd.toml');
    await writeFile(path, '[rtc]\nice_host_overide = "203.0.113.7"\n');
    const { of, report } = await examine({ args: ['--config', path] });
    expect(of('config')).toMatchObject([
      { level: 'warning', message: expect.stringContaining('rtc.ice_host_overide') },
    ]);
    expect(report.configPath).toBe(path);
  });
});

describe('a port', () => {
  it('for media that another process uses is an error', async () => {
    const port = await freeMediaPort();
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    const { code, of } = await examine({ environment: { RTCD_RTC_ICEPORTUDP: String(port) } });
    expect(of('media')).toMatchObject([
      { level: 'error', message: expect.stringContaining(`127.0.0.1:${port}: another process uses it`) },
    ]);
    expect(code).toBe(2);
  });

  it('for clients that another process uses is an error', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = `127.0.0.1:${(server.address() as { port: number }).port}`;
    server.on('connection', (socket) => socket.destroy());
    const { of } = await examine({ environment: { RTCD_API_HTTP_LISTENADDRESS: address } });
    expect(of('api')).toMatchObject([
      { level: 'error', message: expect.stringContaining(`${address}: another process uses the port`) },
    ]);
  });

  it('that the running service has is right', async () => {
    const port = String(await freeMediaPort());
    const { url } = await startRtcdProcess({ RTCD_RTC_ICEPORTUDP: port });
    const environment = { RTCD_RTC_ICEPORTUDP: port, RTCD_API_HTTP_LISTENADDRESS: new URL(url).host };
    const { of, report } = await examine({ environment });
    expect(of('api')).toMatchObject([{ level: 'ok', message: expect.stringContaining('rtcd is running') }]);
    expect(of('media')).toMatchObject([{ level: 'ok' }]);
    expect(report.addresses[0]).toMatchObject({ socket: { port: Number(port) }, advertised: [{ port: Number(port) }] });
  });

  it('on an address of another machine is an error', async () => {
    const { of } = await examine({ environment: { RTCD_RTC_ICEADDRESSUDP: '192.0.2.77' } });
    expect(of('media')).toMatchObject([
      { level: 'error', message: expect.stringContaining('192.0.2.77'), advice: expect.stringContaining('ip address') },
    ]);
  });
});

describe('a STUN server', () => {
  it('that sees another address is reported with it', async () => {
    const url = await stunServer(['127.0.0.1'], 0, PUBLIC);
    const { of } = await examine({ args: ['--stun', url] });
    expect(of('reachability')[0]).toMatchObject({
      level: 'ok',
      message: expect.stringContaining('as 203.0.113.7:8443'),
    });
    expect(of('deployment')[0]!.message).toContain('behind a NAT');
  });

  it('that does not answer is an error', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { of } = await examine({ args: ['--stun', `stun:127.0.0.1:${silent.address().port}`] });
    expect(of('reachability')).toMatchObject([{ level: 'error', message: expect.stringContaining('does not answer') }]);
  });

  it('shows a NAT with another port for each destination', async () => {
    const one = await stunServer(['127.0.0.1'], 0, PUBLIC);
    const two = await stunServer(['127.0.0.1'], 0, { ...PUBLIC, port: 40_000 });
    const { of } = await examine({ args: ['--stun', one, '--stun', two] });
    expect(of('reachability')).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: expect.stringContaining('another public port for each destination'),
      }),
    );
  });

  it('whose answer from its other address arrives shows an open port', async () => {
    const { of } = await examine({ args: ['--stun', await stunServer(['127.0.0.1', '127.0.0.2'])] });
    expect(of('reachability')).toMatchObject([
      { level: 'ok', message: expect.stringContaining('packets from other addresses arrive') },
    ]);
  });
});

describe('a name', () => {
  it('in the override that is not in DNS is an error', async () => {
    const { of } = await examine({ environment: { RTCD_RTC_ICEHOSTOVERRIDE: 'rtcd.invalid' } });
    expect(of('names')).toMatchObject([{ level: 'error', message: expect.stringContaining('rtcd.invalid') }]);
  });

  it('in the override that leads to this machine alone is an error', async () => {
    const { of } = await examine({ environment: { RTCD_RTC_ICEHOSTOVERRIDE: 'localhost' } });
    expect(of('names')).toMatchObject([{ level: 'error', message: expect.stringContaining('users cannot reach') }]);
  });

  it('of a STUN server that is not in DNS is a warning', async () => {
    const { of } = await examine({ environment: { RTCD_RTC_ICESERVERS: '["stun:stun.invalid"]' } });
    expect(of('names')).toMatchObject([{ level: 'warning', message: expect.stringContaining('stun.invalid') }]);
  });
});

describe('the clock', () => {
  async function peerAt(offsetMs: number): Promise<string> {
    const server = createHttpServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + offsetMs).toUTCString()).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  }

  it.each([
    // Dates have whole seconds.
    [0, 'ok', /agrees/],
    [60_000, 'warning', /(59|60|61) s behind/],
    [-3_600_000, 'error', /(3599|3600|3601) s ahead of/],
  ])('with a peer that is %d ms ahead is: %s', async (offsetMs, level, text) => {
    const { of } = await examine({ args: ['--peer', await peerAt(offsetMs)] });
    expect(of('clock')).toMatchObject([{ level, message: expect.stringMatching(text) }]);
  });
});

it('a low limit on open files is an error', async () => {
  const { of } = await examine({ within: ['/bin/sh', '-c', 'ulimit -n 256; exec "$0" "$@"'] });
  expect(of('files')).toMatchObject([{ level: 'error', message: expect.stringContaining('Only 256 files') }]);
});

it.skipIf(process.platform !== 'linux')('small socket buffers are a warning that names the setting', async () => {
  const limits = await Promise.all(
    ['rmem_max', 'wmem_max'].map((name) => readFile(`/proc/sys/net/core/${name}`, 'utf8')),
  );
  const isEnough = limits.every((limit) => Number(limit) >= 16 * 1024 * 1024);
  const { of } = await examine({});
  expect(of('buffers')).toMatchObject([
    isEnough ? { level: 'ok' } : { level: 'warning', advice: expect.stringContaining('net.core.rmem_max=16777216') },
  ]);
});

describe('the TLS certificate', () => {
  function certificate(names = ['DNS:rtcd.example.com', 'IP:192.0.2.7']) {
    const made = createServerCertificate(names);
    onTestFinished(() => made.remove());
    return made;
  }

  const environment = ({ certFile = '', keyFile = '' }) => ({
    RTCD_API_HTTP_TLS_ENABLE: 'true',
    RTCD_API_HTTP_TLS_CERTFILE: certFile,
    RTCD_API_HTTP_TLS_CERTKEY: keyFile,
  });

  it('that cannot be read is an error', async () => {
    const { code, of } = await examine({
      environment: environment({ ...certificate(), certFile: '/nowhere/tls.crt' }),
    });
    expect(of('certificate')).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('cannot read the TLS certificate /nowhere/tls.crt'),
        advice: expect.stringContaining('api.http.tls.cert_file'),
      },
    ]);
    expect(code).toBe(2);
  });

  it('of another key is an error', async () => {
    const { of } = await examine({
      environment: environment({ certFile: certificate().certFile, keyFile: certificate().keyFile }),
    });
    expect(of('certificate')).toMatchObject([
      { level: 'error', message: expect.stringContaining('does not belong to the TLS certificate') },
    ]);
  });

  it('that expires tomorrow, and is for another name, is reported for both', async () => {
    const { of } = await examine({ args: ['--host', 'other.example.com'], environment: environment(certificate()) });
    expect(of('certificate')).toMatchObject([
      { level: 'warning', message: expect.stringContaining('expires on'), advice: expect.stringContaining('Renew') },
      { level: 'error', message: expect.stringContaining('is not for other.example.com, but for rtcd.example.com') },
    ]);
  });
});

describe('the folder of the store', () => {
  const examineFolder = (path: string) => examine({ environment: { RTCD_STORE_DATASOURCE: path } });

  it('that does not exist yet is right, and is not made', async () => {
    const parent = await temporaryFolder();
    const { of } = await examineFolder(join(parent, 'one', 'two'));
    expect(of('store')).toMatchObject([{ level: 'ok' }]);
    expect(await readdir(parent)).toEqual([]);
  });

  it('below a file is an error', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const { code, of } = await examineFolder(join(file, 'db'));
    expect(of('store')).toMatchObject([{ level: 'error', message: expect.stringContaining('ENOTDIR') }]);
    expect(code).toBe(2);
  });

  it('that has lost its data is an error', async () => {
    const path = await temporaryFolder();
    await writeFile(join(path, 'created'), '');
    await writeFile(join(path, 'data.mdb'), '');
    const { of } = await examineFolder(path);
    expect(of('store')).toMatchObject([
      { level: 'error', message: expect.stringContaining('data.mdb is empty or missing'), advice: expect.any(String) },
    ]);
  });

  it.runIf(canMountDisks)('on a full disk is an error', async () => {
    const disk = mountSmallDisk();
    disk.fill();
    const { of } = await examineFolder(disk.path);
    expect(of('store')).toMatchObject([
      { level: 'error', message: expect.stringContaining('ENOSPC'), advice: expect.stringContaining('Free space') },
    ]);
  });

  it.runIf(canMountDisks)('on a small disk is a warning', async () => {
    const { of } = await examineFolder(join(mountSmallDisk().path, 'db'));
    expect(of('store')).toMatchObject([{ level: 'warning', message: expect.stringMatching(/only \d+ KiB left/) }]);
  });

  it('that the running service has open is right', async () => {
    const { folder } = await startRtcdProcess();
    const { of } = await examineFolder(join(folder, 'db'));
    expect(of('store')).toMatchObject([{ level: 'ok' }]);
  });
});

const canTurn = hasCoturn();

describe.skipIf(!canTurn)('a TURN server', () => {
  async function coturn() {
    const server = await startCoturn({ secret: 'north' });
    onTestFinished(() => server.close());
    return server;
  }

  it.each(['udp', 'tcp'] as const)(
    'over %s that accepts credentials made with the secret is right',
    async (transport) => {
      const server = await coturn();
      const { of } = await examine({
        environment: {
          RTCD_RTC_ICESERVERS: JSON.stringify([server.url(transport)]),
          RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: server.secret,
        },
      });
      expect(of('turn')).toMatchObject([{ level: 'ok', message: expect.stringContaining(server.url(transport)) }]);
    },
  );

  it('with another secret is an error, without the secret in the report', async () => {
    const server = await coturn();
    const environment = {
      RTCD_RTC_ICESERVERS: JSON.stringify([server.url()]),
      RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: 'wrong-secret',
    };
    const { code, of, report } = await examine({ environment });
    expect(of('turn')).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('does not accept the credentials (401'),
        advice: expect.stringContaining('rtc.turn.static_auth_secret'),
      },
    ]);
    expect(JSON.stringify(report)).not.toContain('wrong-secret');
    expect(code).toBe(2);
  });
});

describe('a TURN server that cannot be used', () => {
  it('for the lack of credentials is an error', async () => {
    const { of } = await examine({ environment: { RTCD_RTC_ICESERVERS: '["turn:127.0.0.1:3478"]' } });
    expect(of('turn')).toMatchObject([{ level: 'error', message: expect.stringContaining('no credentials') }]);
  });

  it('for its silence is an error', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const environment = {
      RTCD_RTC_ICESERVERS: JSON.stringify([`turn:127.0.0.1:${silent.address().port}`]),
      RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: 'north',
    };
    const { of } = await examine({ environment });
    expect(of('turn')).toMatchObject([{ level: 'error', message: expect.stringContaining('makes no allocation') }]);
  });
});
