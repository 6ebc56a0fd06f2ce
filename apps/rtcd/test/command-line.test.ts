import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { freeMediaPort } from './free-media-port.ts';
import { outputUntil, type ProcessOptions, spawnRtcd, startRtcdProcess, temporaryFolder } from './rtcd-process.ts';
import { connect, registerClient } from './support.ts';

// Each test starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

async function run(options: ProcessOptions) {
  const { child, exit, folder } = await spawnRtcd(options);
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr, folder };
}

/** Reason for which permissions cannot be taken away here. */
function reasonWithoutPermissions(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux and root';
  if (spawnSync('setpriv', ['--version']).status !== 0) return 'there is no setpriv in the PATH (Debian: util-linux)';
  const firstFree = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  return firstFree <= 443 ? 'every user may listen on port 443' : undefined;
}

const reasonToSkip = reasonWithoutPermissions();
if (reasonToSkip !== undefined) console.warn(`skipping the start on a port without permission: ${reasonToSkip}`);

describe('a start that fails ends with one clear line and exit code 1', () => {
  async function expectFailure(options: ProcessOptions, line: RegExp) {
    const { code, stderr } = await run(options);
    expect(stderr).toMatch(/^rtcd: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(code).toBe(1);
  }

  it('for a wrong value in the environment', async () => {
    await expectFailure(
      { environment: { RTCD_RTC_ICEPORTUDP: '70000' } },
      /rtc\.ice_port_udp is 70000 \(from the environment variable RTCD_RTC_ICEPORTUDP\): should be a port from 80 to 49151/,
    );
  });

  it('for a config file that is not TOML', async () => {
    await expectFailure({ config: 'nonsense' }, /the config file .*rtcd\.toml is not valid TOML, line 1/);
  });

  it('for an unknown option', async () => {
    await expectFailure({ args: ['--nonsense'] }, /Unknown option '--nonsense'.* See rtcd --help/);
  });

  it('for an HTTP port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = `127.0.0.1:${(server.address() as { port: number }).port}`;
    const environment = { RTCD_API_HTTP_LISTENADDRESS: address };
    await expectFailure({ environment }, new RegExp(`cannot listen for HTTP on ${address}: the port is in use`));
  });

  it('for a media port in use', async () => {
    const port = await freeMediaPort();
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    await expectFailure(
      { environment: { RTCD_RTC_ICEPORTUDP: String(port) } },
      new RegExp(
        `:${port}: another process uses it\\. Stop that process, or set rtc\\.ice_port_udp to another port$`,
        'm',
      ),
    );
  });

  it('for a media address of another machine', async () => {
    await expectFailure(
      { environment: { RTCD_RTC_ICEADDRESSUDP: '192.0.2.77' } },
      /192\.0\.2\.77:\d+: it is not an address of this machine\. Set rtc\.ice_address_udp to addresses of this machine/,
    );
  });

  it.skipIf(reasonToSkip !== undefined)('for a media port that needs a capability', async () => {
    const within = ['setpriv', '--bounding-set', '-net_bind_service'];
    await expectFailure(
      { environment: { RTCD_RTC_ICEPORTUDP: '443' }, within },
      /:443: permission denied\. Set rtc\.ice_port_udp to a port above 1023/,
    );
  });

  it('for a data folder that cannot be one', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const environment = { RTCD_STORE_DATASOURCE: join(file, 'db') };
    await expectFailure({ environment }, new RegExp(join(file, 'db')));
  });

  it('for a bad certificate', async () => {
    const file = join(await temporaryFolder(), 'bad.pem');
    await writeFile(file, 'garbage');
    const environment = {
      RTCD_API_HTTP_TLS_ENABLE: 'true',
      RTCD_API_HTTP_TLS_CERTFILE: file,
      RTCD_API_HTTP_TLS_CERTKEY: file,
    };
    await expectFailure({ environment }, /bad\.pem does not contain a PEM certificate/);
  });

  it('for a log file that cannot be written', async () => {
    const folder = await temporaryFolder();
    const environment = { RTCD_LOGGER_FILELOCATION: folder };
    await expectFailure({ environment }, new RegExp(`cannot write the log file ${folder}`));
  });
});

describe('the command line', () => {
  it('--help', async () => {
    const { code, stdout, stderr } = await run({ args: ['--help'] });
    expect(stdout).toMatch(/^Usage: rtcd \[--config <file>\]\n/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each(['--version', '-version'])('%s', async (flag) => {
    const { code, stdout } = await run({ args: [flag] });
    expect(stdout).toMatch(/^rtcd (dev-|v)\d+\.\d+\.\d+ \(node v\d+/);
    expect(code).toBe(0);
  });

  it('warns of a missing config file that was requested', async () => {
    const { child } = await spawnRtcd({ args: ['--config', 'typo.toml'] });
    const output = await outputUntil(child.stdout, 'registration store opened');
    expect(output).toContain('WARN: no config file at typo.toml: defaults and environment variables used');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('logs what it listens on, and exits with 0 on %s', async (signal) => {
    const { child, exit, folder } = await spawnRtcd();
    const output = await outputUntil(child.stdout, 'registration store opened');
    expect(output).toContain('INFO: no config file at config/config.toml: defaults and environment variables used');
    expect(output).toMatch(/WARN: no client can register: .*allow_self_registration .*enable_admin .*admin_secret_key/);
    expect(output).toMatch(/INFO: listening for clients .*"url":"http:\/\/127\.0\.0\.1:\d+"/);
    expect(output).toMatch(/INFO: listening for media .*"127\.0\.0\.1:\d+"/);
    expect(output).toMatch(/INFO: address advertised .*"local":"udp 127\.0\.0\.1:\d+".*"reason":"loopback/);
    expect(output).toMatch(/INFO: advertising to peers .*"udp 127\.0\.0\.1:\d+"/);
    child.kill(signal);
    await outputUntil(child.stdout, 'rtcd stopped');
    expect(await exit).toBe(0);
    const lines = (await readFile(join(folder, 'rtcd.log'), 'utf8')).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ level: 'info', msg: 'rtcd stopped' });
  });

  it('continues a running call after one signal, and ends it with a second, informing the client', async () => {
    const { child, exit, url } = await startRtcdProcess();
    const socket = await connect({ url }, await registerClient({ url }, 'client'));
    const join = { callID: 'c', userID: 'u', sessionID: 's', channelID: '', av1Support: false, dcSignaling: false };
    socket.send({ type: 'join', data: join });
    socket.send({ type: 'join', data: { ...join, callID: '', sessionID: 'after it' } });
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'after it' } });

    child.kill('SIGTERM');
    await outputUntil(child.stdout, 'drain started: new calls refused');
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    child.kill('SIGTERM');
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 's' } });
    expect(await exit).toBe(0);
  });
});
