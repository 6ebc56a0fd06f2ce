import { within } from './dom.ts';
import { formatBitrate, formatLoss } from './figures.ts';
import { plotPoints, plotSeconds } from './plot.ts';
import type { VideoFigures } from './video-figures.ts';

/** Choices of rtcd for one received video. The browser does not know them. */
export interface VideoChoice {
  /** The simulcast level that rtcd sends, as `l`. */
  readonly level: string;
  /** Reason for it, as `bandwidth`. */
  readonly reason: string;
  /** Bandwidth to this browser, as rtcd estimates it. */
  readonly estimateBps: number;
}

const width = 240;
const height = 48;
const secondMs = 1000;

/** Figures of one video stream, and a plot of its last minute. Folded up until the user asks. */
export class QualityPanel {
  readonly #root: HTMLElement;
  readonly #bitrates: number[] = [];
  readonly #estimates: number[] = [];
  #plottedAt = 0;
  #choice: VideoChoice | undefined;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  showChoice(choice: VideoChoice): void {
    this.#choice = choice;
  }

  show(figures: VideoFigures): void {
    const { width, height, framesPerSecond, codec, bitrateBps, lossRatio, freezes } = figures;
    const level = figures.level || this.#choice?.level;
    const estimateBps = figures.estimateBps ?? this.#choice?.estimateBps;
    this.#set('resolution', width > 0 ? `${width} × ${height}` : '–');
    this.#set('frames', framesPerSecond === undefined ? '–' : framesPerSecond.toFixed(0));
    this.#set('codec', codec || '–');
    this.#set('level', level || '–');
    this.#set('reason', this.#choice?.reason.replaceAll('_', ' ') || '–');
    this.#set('bitrate', formatBitrate(bitrateBps));
    this.#set('loss', formatLoss(lossRatio));
    this.#set('freezes', String(freezes));
    this.#set('estimate', formatBitrate(estimateBps));
    if (bitrateBps !== undefined && performance.now() - this.#plottedAt >= secondMs)
      this.#plot(bitrateBps, estimateBps);
  }

  #set(figure: string, text: string): void {
    within(this.#root, `[data-figure="${figure}"]`).textContent = text;
  }

  #plot(bitrateBps: number, estimateBps: number | undefined): void {
    this.#plottedAt = performance.now();
    this.#bitrates.push(bitrateBps);
    if (estimateBps !== undefined) this.#estimates.push(estimateBps);
    for (const values of [this.#bitrates, this.#estimates]) if (values.length > plotSeconds) values.shift();
    const max = Math.max(...this.#bitrates, ...this.#estimates);
    const draw = (name: string, values: readonly number[]) =>
      within(this.#root, `[data-line="${name}"]`).setAttribute('points', plotPoints(values, max, width, height));
    draw('bitrate', this.#bitrates);
    draw('estimate', this.#estimates);
    within(this.#root, 'svg').setAttribute('aria-label', `Bitrate of the last minute, ${formatBitrate(max)} at most`);
  }
}
