import { type Panel, plotSvg } from '../plot.ts';
import { resourcesOf, type Sample } from './sample.ts';

const MIB = 1024 * 1024;
const BLUE = '#0b62c4';
const ORANGE = '#c4500b';
const GREEN = '#1a8a3a';
const PURPLE = '#8a1a7a';

/** Draws the samples of a soak, as an SVG image. */
export function plotSoak(title: string, samples: readonly Sample[]): string {
  const line = (name: string, color: string, value: (sample: Sample) => number) => ({
    name,
    color,
    points: samples.map((sample) => [sample.atSeconds, value(sample)] as const),
  });
  const panels: Panel[] = [
    { unit: 'MiB resident', series: [line('process', BLUE, ({ control }) => control.residentBytes / MIB)] },
    {
      unit: 'MiB',
      series: [
        line('heap, media', BLUE, ({ media }) => media.heapBytes / MIB),
        line('external, media', GREEN, ({ media }) => media.externalBytes / MIB),
        line('heap, control', ORANGE, ({ control }) => control.heapBytes / MIB),
        line('external, control', PURPLE, ({ control }) => control.externalBytes / MIB),
      ],
    },
    {
      unit: 'handles and sessions',
      series: [
        line('open files', BLUE, ({ control }) => control.openFiles),
        line('resources, media', GREEN, ({ media }) => resourcesOf(media)),
        line('resources, control', ORANGE, ({ control }) => resourcesOf(control)),
        line('sessions', PURPLE, ({ sessions }) => sessions),
      ],
    },
    {
      unit: 'ms, p99 of the delay of the event loop',
      series: [
        line('media', BLUE, ({ media }) => media.delay.p99Ms),
        line('control', ORANGE, ({ control }) => control.delay.p99Ms),
      ],
    },
  ];
  return plotSvg(title, samples.at(-1)?.atSeconds ?? 1, panels);
}
