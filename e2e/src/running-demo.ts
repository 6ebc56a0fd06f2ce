import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoServer, startRtcd } from '@rtcd/demo';
import { freeMediaPort, freeTcpPort } from './free-port.ts';

/** rtcd in a process of its own, on free ports and with data that goes with it. */
export interface RunningRtcd {
  readonly url: string;
  readonly adminSecret: string;
  readonly dataFolder: string;
  /** Log output: with a failed test, the other half of the story. */
  readonly log: string[];
  close(): Promise<void>;
}

/** The same with the demo server, which runs in this process. */
export interface RunningDemo extends Omit<RunningRtcd, 'adminSecret' | 'dataFolder'> {}

/** Starts rtcd. `environment` has more of its environment variables. */
export async function runRtcd(environment: Readonly<Record<string, string>> = {}): Promise<RunningRtcd> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'rtcd-e2e-'));
  const log: string[] = [];
  const mediaPort = String(await freeMediaPort());
  const rtcd = startRtcd({
    apiAddress: `127.0.0.1:${await freeTcpPort()}`,
    dataFolder: join(dataFolder, 'rtcd'),
    environment: {
      RTCD_RTC_ICEADDRESSUDP: '127.0.0.1',
      RTCD_RTC_ICEPORTUDP: mediaPort,
      RTCD_RTC_ICEADDRESSTCP: '127.0.0.1',
      RTCD_RTC_ICEPORTTCP: mediaPort,
      RTCD_LOGGER_CONSOLELEVEL: 'DEBUG',
      ...environment,
    },
    output: (text) => log.push(text),
  });
  const close = async () => {
    await rtcd.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    await rtcd.ready;
  } catch (error) {
    await close();
    throw new Error(`rtcd did not start. Its log:\n${log.join('')}`, { cause: error });
  }
  return { url: rtcd.url, adminSecret: rtcd.adminSecret, dataFolder, log, close };
}

/** Starts rtcd and the demo server. */
export async function runDemo(environment?: Readonly<Record<string, string>>): Promise<RunningDemo> {
  const rtcd = await runRtcd(environment);
  try {
    const demo = await startDemoServer({
      rtcdURL: rtcd.url,
      adminSecret: rtcd.adminSecret,
      credentialsFile: join(rtcd.dataFolder, 'demo.json'),
      log: (line) => rtcd.log.push(`demo: ${line}\n`),
    });
    const close = async () => {
      await demo.close();
      await rtcd.close();
    };
    return { url: demo.url, log: rtcd.log, close };
  } catch (error) {
    await rtcd.close();
    throw error;
  }
}
