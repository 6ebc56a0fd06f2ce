import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRtcd } from 'rtcd/testing';
import { expect, it } from 'vitest';
import { announcedSeries } from '../src/deploy/prometheus.ts';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

const read = (path: string) => readFileSync(join(workspaceFolder, path), 'utf8');
const guide = read('docs/troubleshooting.md').replaceAll(/^ *```.*?^ *```$/gms, '');
const codeSpans = [...new Set([...guide.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))];

const METRIC = /^rtcd_\w+$/;
const SETTING = /^(?:api|rtc|store|logger)\.[\w.]+$/;
const COMMAND = /^(?:curl|journalctl|dmesg|nstat|ss) ?/;
const QUOTE = /^[a-z][a-zA-Z ,:]*[ :]|^[a-z]+$/;

it('quotes log lines and errors as the source has them', () => {
  const files = globSync(['{packages,apps}/*/src/**/*.{ts,cjs}'], { cwd: workspaceFolder, exclude: ['**/*.test.ts'] });
  const source = files.map(read).join('\n');
  const quotes = codeSpans.filter((code) => QUOTE.test(code) && !COMMAND.test(code));
  expect(quotes.length).toBeGreaterThan(30);
  expect(quotes.filter((quote) => !source.includes(quote))).toEqual([]);
});

it('names metrics that the service has', async () => {
  const rtcd = await startRtcd();
  const metrics = await (await fetch(`${rtcd.url}/metrics`)).text();
  await rtcd.close();
  // A histogram is named without the endings of its series.
  const names = new Set([...announcedSeries(metrics)].map((series) => series.replace(/_(?:bucket|sum|count)$/, '')));
  const mentioned = codeSpans.filter((code) => METRIC.test(code));
  expect(mentioned.length).toBeGreaterThan(5);
  expect(mentioned.filter((name) => !names.has(name))).toEqual([]);
});

it('names settings that there are', () => {
  const sample = read('apps/rtcd/README.md');
  const mentioned = codeSpans.filter((code) => SETTING.test(code));
  expect(mentioned.length).toBeGreaterThan(8);
  expect(mentioned.filter((name) => !sample.includes(`| \`${name}\``))).toEqual([]);
});
