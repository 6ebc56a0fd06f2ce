import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freeMediaPort, freeTcpPort } from '../src/free-port.ts';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

let dataFolder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'rtcd-start-'));
});

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  await rm(dataFolder, { recursive: true, force: true });
});

/** Runs the program of `pnpm start`, on free ports. */
async function start(...args: string[]) {
  const mediaPort = String(await freeMediaPort());
  const started = spawn(process.execPath, ['apps/demo/src/start.ts', '--data', dataFolder, ...args], {
    cwd: workspaceFolder,
    env: {
      ...process.env,
      RTCD_API_HTTP_LISTENADDRESS: `127.0.0.1:${await freeTcpPort()}`,
      RTCD_RTC_ICEADDRESSUDP: '127.0.0.1',
      RTCD_RTC_ICEPORTUDP: mediaPort,
      RTCD_RTC_ICEADDRESSTCP: '127.0.0.1',
      RTCD_RTC_ICEPORTTCP: mediaPort,
    },
  });
  child = started;
  let output = '';
  const exited = once(started, 'close').then(([code]) => code as number | null);
  /** Resolves with the match once the output has one; rejects if the process ends without. */
  const untilPrinted = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const look = () => {
        const found = output.match(pattern);
        if (found !== null) resolve(found);
      };
      look();
      for (const stream of [started.stdout, started.stderr]) stream.on('data', look);
      void exited.then((code) => reject(new Error(`ended with ${code} before ${pattern}:\n${output}`)));
    });
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return { child: started, exited, untilPrinted, output: () => output };
}

/** Warnings and errors, except for the one about limits of this machine's kernel. */
const complaints = (output: string): string[] =>
  output.split('\n').filter((line) => /WARN|ERROR/i.test(line) && !line.includes('socket buffers smaller than'));

describe('start', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'prints the address of a page that is there, and ends rtcd with itself on %s',
    async (signal) => {
      const started = await start('--port', '0');
      const [, url = ''] = await started.untilPrinted(/The demo is ready: +(\S+)/);
      expect(await (await fetch(url)).text()).toContain('<title>rtcd demo</title>');
      const [, pid] = await started.untilPrinted(/\(process (\d+)\)/);

      started.child.kill(signal);
      expect(await started.exited).toBe(0);
      expect(complaints(started.output())).toEqual([]);
      expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
    },
  );

  it('reports which port is in use and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const started = await start('--port', String(port));
    expect(await started.exited).toBe(1);
    expect(started.output()).toContain(
      `127.0.0.1:${port} is taken by another program: stop it, or choose another port with --port`,
    );
    taken.close();
  });

  it('ends when rtcd cannot start', async () => {
    const started = await start('--port', '0', '--data', '/dev/null/nowhere');
    expect(await started.exited).toBe(1);
    expect(started.output()).toContain('rtcd exited with code 1');
  });
});
