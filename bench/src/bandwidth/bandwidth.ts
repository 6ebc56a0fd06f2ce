import { mkdirSync, writeFileSync } from 'node:fs';
import { LINK_CASES, runLink, runStep, STEPS } from '../../../packages/rtc/test/congestion/link-cases.ts';
import type { MediaFlow } from '../../../packages/rtc/test/congestion/media-flow.ts';
import type { Capacity } from '../../../packages/rtc/test/congestion/path.ts';
import { RFC8867_CASES, runRfc8867 } from '../../../packages/rtc/test/congestion/rfc8867-cases.ts';
import { plotSvg } from '../plot.ts';
import type { BenchRow } from '../row.ts';

const OUT = new URL('../../../docs/bandwidth/', import.meta.url);
const COLORS = ['#0b62c4', '#c4500b', '#1a8a3a', '#8a1a7a', '#777'];
const DRAWN_SECTIONS = ['5.1', '5.4', '5.6'];
/** Samples of 100 ms that make one point of a plot. */
const SAMPLES = 3;

/** Measures congestion control in virtual time over links and the test cases of RFC 8867, and draws it into docs/bandwidth. */
export async function bandwidth(): Promise<BenchRow[]> {
  mkdirSync(OUT, { recursive: true });
  const links = LINK_CASES.map((link) => ({ link, result: runLink(link) }));
  const steps = STEPS.map((step) => ({ step, result: runStep(...step) }));
  const cases = RFC8867_CASES.map(runRfc8867);
  const tables = { links: links.map(linkRow), steps: steps.map(stepRow), rfc8867: cases.map(caseRow) };
  for (const table of Object.values(tables)) console.table(table);
  writeFileSync(new URL('results.json', OUT), `${JSON.stringify(tables, undefined, 2)}\n`);
  const drawLink = (name: string, file: string) => {
    const { link, result } = links.find((it) => it.link.name === name)!;
    draw(file, link.name, [result.flow], [[0, link.capacityBps]]);
  };
  drawLink('3 Mbit/s, 10% random loss', 'loss.svg');
  drawLink('3 Mbit/s, jitter of 30 ms', 'jitter.svg');
  const [{ step, result }] = steps as [(typeof steps)[0]];
  draw(
    'step.svg',
    '3 Mbit/s, and 500 kbit/s from 30 to 60 s',
    [result.flow],
    [
      [0, step[0]],
      [30_000, step[1]],
      [60_000, step[0]],
    ],
  );
  for (const { case: testCase, flows } of cases) {
    const { section, name, capacity } = testCase;
    if (DRAWN_SECTIONS.includes(section)) {
      draw(`rfc8867-${section}.svg`, `RFC 8867, ${section}: ${name}`, flows, capacity);
    }
  }
  const shares = cases.map(({ share }) => share);
  return [
    { name: 'least share of a link used, RFC 8867', value: Math.min(...shares), unit: '', aim: '0.85' },
    { name: 'written to docs/bandwidth', value: 7, unit: 'files' },
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;
const hundredths = (share: number): string => `${(share * 100).toFixed(2)}%`;

type Link = { readonly link: (typeof LINK_CASES)[number]; readonly result: ReturnType<typeof runLink> };
const linkRow = ({ link, result }: Link) => ({
  link: link.name,
  share: percent(result.share),
  shares: result.shares.map(percent).join(' / '),
  'queue p95, ms': Math.round(result.queuedMs),
  'switches per minute': result.switchesPerMinute,
  'voice dropped': result.audioDropped,
});

type Step = { readonly step: readonly [number, number]; readonly result: ReturnType<typeof runStep> };
const stepRow = ({ step, result }: Step) => ({
  'Mbit/s': step.map((bps) => bps / 1e6).join(' to '),
  'back off, s': result.backOffMs / 1_000,
  'come back, s': result.comeBackMs / 1_000,
  'voice dropped': result.audioDropped,
});

const caseRow = (result: ReturnType<typeof runRfc8867>) => ({
  case: `${result.case.section} ${result.case.name}`,
  share: percent(result.share),
  'share of media': percent(result.mediaShare),
  'queue p95, ms': Math.round(result.queuedMs),
  'voice lost': hundredths(result.audioLoss),
  'video lost': hundredths(result.videoLoss),
  fairness: Number(result.fairness.toFixed(2)),
});

function draw(file: string, title: string, flows: readonly MediaFlow[], capacity: Capacity): void {
  const endSeconds = Math.max(...flows.map(({ samples }) => samples.at(-1)!.atMs)) / 1_000;
  const line = (flow: MediaFlow, value: (sample: MediaFlow['samples'][number]) => number) =>
    flow.samples
      .filter((_, index) => index % SAMPLES === 0)
      .map((sample) => [sample.atMs / 1_000, value(sample)] as const);
  const nameOf = (index: number) => (flows.length === 1 ? '' : ` ${index + 1}`);
  const rates = flows.map((flow, index) => ({
    name: `estimate${nameOf(index)}`,
    color: COLORS[index]!,
    points: line(flow, ({ estimateBps }) => estimateBps / 1e6),
  }));
  const steps = capacity.flatMap(([fromMs, bps], index) => [
    [fromMs / 1_000, bps / 1e6] as const,
    [(capacity[index + 1]?.[0] ?? endSeconds * 1_000) / 1_000, bps / 1e6] as const,
  ]);
  const capacityLine = { name: 'capacity', color: '#000', points: steps, isDashed: true };
  const queues = flows.slice(0, 1).map((flow) => ({
    name: 'time in the queue',
    color: COLORS[0]!,
    points: line(flow, ({ queuedMs }) => queuedMs),
  }));
  const panels = [
    { unit: 'Mbit/s', series: [capacityLine, ...rates] },
    { unit: 'ms', series: queues },
  ];
  writeFileSync(new URL(file, OUT), plotSvg(title, endSeconds, panels));
}
