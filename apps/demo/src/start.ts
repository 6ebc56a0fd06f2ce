import { join } from 'node:path';
import { DemoError } from './errors.ts';
import { parseOptions, type StartOptions, usage } from './options.ts';
import { type RtcdProcess, startRtcd } from './rtcd-process.ts';
import { type DemoServer, startDemoServer } from './server.ts';

/** Runs rtcd and the demo until `stopping` or until rtcd ends. Returns the exit code. */
async function run({ host, port, dataFolder }: StartOptions, stopping: Promise<number>): Promise<number> {
  const rtcd = startRtcd({
    apiAddress: process.env.RTCD_API_HTTP_LISTENADDRESS ?? '127.0.0.1:8045',
    dataFolder: join(dataFolder, 'rtcd'),
    output: (text) => process.stdout.write(text),
  });
  let demo: DemoServer | undefined;
  try {
    const stopped = await Promise.race([rtcd.ready, stopping]);
    if (stopped !== undefined) return stopped;
    const credentialsFile = join(dataFolder, 'demo.json');
    const log = (line: string) => console.log(`demo: ${line}`);
    const { url: rtcdURL, adminSecret } = rtcd;
    demo = await startDemoServer({ host, port, rtcdURL, adminSecret, credentialsFile, log });
    announce(demo.url, rtcd, dataFolder);
    return await Promise.race([rtcd.exited, stopping]);
  } finally {
    // The demo first: everyone leaves, so that rtcd has nothing to wait for.
    await demo?.close();
    await rtcd.stop();
  }
}

function announce(url: string, rtcd: RtcdProcess, dataFolder: string): void {
  console.log(`
  The demo is ready:  ${url}

  Open it in two tabs, join the same room in both, and the two hear each other.
  rtcd answers at ${rtcd.url} (process ${rtcd.pid}), data is in ${dataFolder}. Ctrl-C stops both.
`);
}

/** Resolves with 0 at a signal to end, or when the terminal is closed: rtcd outlives a SIGHUP, and must not be left behind. */
function signaled(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(0));
  });
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else process.exitCode = await run(options, signaled());
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
