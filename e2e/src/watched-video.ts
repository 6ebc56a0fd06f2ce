import type { Page } from 'playwright-core';
import type { PaintedPage } from './painted-video.ts';
import { until } from './until.ts';

/** A picture that a page presented. */
export interface ShownPicture {
  /** Undefined if it is broken. */
  readonly counter: number | undefined;
  readonly width: number;
}

type WatchingPage = PaintedPage & { shown?: Record<string, ShownPicture[]> };

const FRAME_CYCLE = 0x4000;
/** An encoding that failed is tried again after a while only. */
const WIDTH_LIMIT_MS = 90_000;

/** The pictures of a video that a page has presented since it is watched. */
export class WatchedVideo {
  readonly #page: Page;
  readonly #label: string;

  constructor(page: Page, label: string) {
    this.#page = page;
    this.#label = label;
  }

  pictures(): Promise<readonly ShownPicture[]> {
    return this.#page.evaluate((name) => (window as unknown as WatchingPage).shown?.[name] ?? [], this.#label);
  }

  /** Steps from each picture to the next one, in frames of the sender. A broken picture counts as missing. */
  async steps(): Promise<readonly number[]> {
    const frames = (await this.pictures()).flatMap(({ counter }) => counter ?? []);
    return frames.slice(1).map((frame, index) => (frame - frames[index]! + FRAME_CYCLE) % FRAME_CYCLE);
  }

  /** Resolves once so many pictures in a row have this width. */
  async untilWidth(width: number, count = 1): Promise<void> {
    await until(
      `${this.#label} is ${width} wide`,
      async () => (await this.pictures()).slice(-count),
      (last) => last.length === count && last.every((picture) => picture.width === width),
      WIDTH_LIMIT_MS,
    );
  }
}

/** Begins to watch the video with this label. */
export async function watchVideo(page: Page, label: string): Promise<WatchedVideo> {
  await page.evaluate((name) => {
    const watching = window as unknown as WatchingPage;
    const video = document.querySelector<HTMLVideoElement>(`video[aria-label="${name}"]`);
    if (video === null) throw new Error(`no video is labelled ${name}`);
    const pictures: ShownPicture[] = [];
    watching.shown = { ...watching.shown, [name]: pictures };
    const look = () => {
      pictures.push({ counter: watching.readCounter(video), width: video.videoWidth });
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }, label);
  return new WatchedVideo(page, label);
}
