import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoServer, type RtcdProcess, startDemoServer, startRtcd } from '@rtcd/demo/src/index.ts';
import { freeMediaPort, freeTcpPort } from './free-port.ts';

/** rtcd in a process of its own and the demo server in this one, on free ports and with data that goes with them. */
export interface RunningDemo {
  readonly url: string;
  readonly rtcd: RtcdProcess;
  /** What rtcd and the demo have logged. */
  log(): string;
  close(): Promise<void>;
}

export async function runDemo(): Promise<RunningDemo> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'rtcd-e2e-'));
  let log = '';
  const output = (text: string) => {
    log += text;
  };
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
    },
    output,
  });
  let demo: DemoServer | undefined;
  const close = async () => {
    await demo?.close();
    await rtcd.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    await rtcd.ready;
    demo = await startDemoServer({
      rtcdURL: rtcd.url,
      credentialsFile: join(dataFolder, 'demo.json'),
      log: (line) => output(`demo: ${line}\n`),
    });
  } catch (error) {
    await close();
    throw new Error(`the demo did not start. Its log:\n${log}`, { cause: error });
  }
  return { url: demo.url, rtcd, log: () => log, close };
}
