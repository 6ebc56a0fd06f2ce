import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DROP_REASONS } from '@rtcd/rtc';
import { expect, it, onTestFinished, vi } from 'vitest';
import { listSettings } from '../src/config/setting.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { createMetrics } from '../src/metrics/metrics.ts';
import { FakeSfu } from './fake-sfu.ts';
import { freeMediaPort } from './free-media-port.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const codeBlocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

async function runExample(name: string): Promise<unknown[][]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => void log.mockRestore());
  await import(new URL(`../examples/${name}`, import.meta.url).href);
  return log.mock.calls;
}

it.each(['embed.ts', 'test-against-it.ts'])('shows examples/%s', async (name) => {
  const code = await readFile(new URL(`../examples/${name}`, import.meta.url), 'utf8');
  expect(codeBlocks).toContain(code);
});

it('embeds the service as in its example', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const mediaPort = String(await freeMediaPort());
  const environment = {
    RTCD_API_HTTP_LISTENADDRESS: '127.0.0.1:0',
    RTCD_RTC_ICEADDRESSUDP: '127.0.0.1',
    RTCD_RTC_ICEPORTUDP: mediaPort,
    RTCD_RTC_ICEADDRESSTCP: '127.0.0.1',
    RTCD_RTC_ICEPORTTCP: mediaPort,
    RTCD_STORE_DATASOURCE: join(folder, 'db'),
    RTCD_LOGGER_ENABLECONSOLE: 'false',
    RTCD_LOGGER_FILELOCATION: join(folder, 'rtcd.log'),
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await runExample('embed.ts')).toEqual([[200]]);
});

it('starts the service for a test as in its example', async () => {
  expect(await runExample('test-against-it.ts')).toEqual([[{ clientID: 'my-client', code: '201' }]]);
});

it('lists every setting with its environment variable and its default', () => {
  const rows = [...readme.matchAll(/^\| `([a-z0-9_.]+)` +\| `(RTCD_[A-Z0-9_]+)` +\| (.*?) *\|/gm)].map(
    ([, name, variable, byDefault]) => [name, variable, byDefault],
  );
  const settings = [...listSettings(SETTINGS)].map(([name, { environment, default: byDefault }]) => [
    name,
    environment,
    byDefault === undefined ? '' : `\`${JSON.stringify(byDefault)}\``,
  ]);
  expect(rows).toEqual(settings);
});

it('lists every metric of its own', async () => {
  const metrics = createMetrics();
  metrics.addTotals(() => new FakeSfu().stats());
  const { body } = await metrics.scrape();
  const names = [...body.matchAll(/^# TYPE (rtcd_(?:rtc|ws)_\w+) (\w+)$/gm)].map(([, name, kind]) => `${name} ${kind}`);
  const rows = [...readme.matchAll(/^\| `(rtcd_(?:rtc|ws)_\w+)` +\| (\w+) +\|/gm)].map(
    ([, name, kind]) => `${name} ${kind}`,
  );
  expect(rows.sort()).toEqual(names.sort());
});

it('lists every drop reason once', () => {
  const [, table = ''] = /^\| reason .*?\n(.*?)\n\n/ms.exec(readme) ?? [];
  const reasons = table.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)]);
  expect(reasons.map(([, reason]) => reason).sort()).toEqual([...DROP_REASONS].sort());
});
