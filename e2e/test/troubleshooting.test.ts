import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRtcd } from 'rtcd/testing';
import { expect, it } from 'vitest';
import { announcedSeries } from '../src/deploy/prometheus.ts';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

const read = (path: string) => readFileSync(join(workspaceFolder, path), 'utf8');
const codeSpansOf = (page: string) => {
  const text = read(page).replaceAll(/^ *```.*?^ *```$/gms, '');
  return [...new Set([...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))];
};
const codeSpans = codeSpansOf('docs/troubleshooting.md');

const METRIC = /^rtcd_\w+$/;
const DROP_REASON = /^(?:stun|dtls|srtp|rtp|rtcp|sctp|message|send)_[a-z_]+$/;
const SETTING = /^(?:api|rtc|store|logger)\.[\w.]+$/;
const COMMAND = /^(?:curl|journalctl|dmesg|nstat|ss) ?/;
const QUOTE = /^[a-z][a-zA-Z ,:]*[ :]|^[a-z]+$/;

it.each([
  ['docs/troubleshooting.md', 30],
  ['docs/debugging.md', 20],
])('%s quotes log lines and errors as in the source', (page, atLeast) => {
  const files = globSync(['{packages,apps}/*/src/**/*.{ts,cjs}'], { cwd: workspaceFolder, exclude: ['**/*.test.ts'] });
  const source = files.map(read).join('\n');
  const quotes = codeSpansOf(page).filter((code) => QUOTE.test(code) && !COMMAND.test(code));
  expect(quotes.length).toBeGreaterThan(atLeast);
  expect(quotes.filter((quote) => !source.includes(quote))).toEqual([]);
});

it('names only existing metrics', async () => {
  const rtcd = await startRtcd();
  const metrics = await (await fetch(`${rtcd.url}/metrics`)).text();
  await rtcd.close();
  // A histogram is named without the endings of its series.
  const names = new Set([...announcedSeries(metrics)].map((series) => series.replace(/_(?:bucket|sum|count)$/, '')));
  const mentioned = codeSpans.filter((code) => METRIC.test(code));
  expect(mentioned.length).toBeGreaterThan(5);
  expect(mentioned.filter((name) => !names.has(name))).toEqual([]);
});

it('names only existing settings', () => {
  const sample = read('apps/rtcd/README.md');
  const mentioned = codeSpans.filter((code) => SETTING.test(code));
  expect(mentioned.length).toBeGreaterThan(8);
  expect(mentioned.filter((name) => !sample.includes(`| \`${name}\``))).toEqual([]);
});

it('docs/debugging.md names only existing drop reasons', async () => {
  const rtcd = await startRtcd();
  const metrics = await (await fetch(`${rtcd.url}/metrics`)).text();
  await rtcd.close();
  const reasons = [...metrics.matchAll(/^rtcd_rtc_drops_total\{reason="(\w+)"\}/gm)].map(([, reason = '']) => reason);
  const mentioned = codeSpansOf('docs/debugging.md').filter((code) => DROP_REASON.test(code));
  expect(mentioned.length).toBeGreaterThan(12);
  expect(mentioned.filter((reason) => !reasons.includes(reason))).toEqual([]);
});
