import { type PaintedKind, type PaintedPage, paintedKinds } from './painted-video.ts';
import { until } from './until.ts';

/** A page of any browser that paints and reads videos. */
export interface Viewer {
  evaluate<R>(pageFunction: () => R | Promise<R>): Promise<R>;
}

/** A video that a page plays. */
export interface SeenVideo {
  /** As screen readers read it: `Camera of Ada`. */
  readonly label: string;
  /** Undefined while there is no whole picture. */
  readonly counter: number | undefined;
  readonly width: number;
}

const frameMask = 0x3fff;

/** All videos that a page plays and shows now. */
export function videosAt(page: Viewer): Promise<readonly SeenVideo[]> {
  return page.evaluate(() => {
    const { readCounter } = window as unknown as PaintedPage;
    return [...document.querySelectorAll('video')]
      .filter((video) => video.checkVisibility())
      .map((video) => ({
        label: video.getAttribute('aria-label') ?? '',
        counter: readCounter(video),
        width: video.videoWidth,
      }));
  });
}

/** Resolves once each of these videos shows moving pictures of its kind: at least five more frames. */
export async function untilSeesVideos(page: Viewer, videos: Readonly<Record<string, PaintedKind>>): Promise<void> {
  const first = new Map<string, number>();
  await until(
    `sees ${Object.keys(videos).join(', ')}`,
    () => videosAt(page),
    (seen) =>
      Object.entries(videos).every(([label, kind]) => {
        const counter = seen.find((video) => video.label === label)?.counter;
        if (counter === undefined || (counter & ~frameMask) !== paintedKinds[kind]) return false;
        const frame = counter & frameMask;
        const start = first.get(label) ?? frame;
        first.set(label, start);
        return ((frame - start) & frameMask) >= 5;
      }),
  );
}

/** Resolves once exactly these videos are shown, whatever is in them. */
export async function untilShows(page: Viewer, labels: readonly string[]): Promise<void> {
  const wanted = [...labels].sort().join();
  await until(
    `shows ${wanted}`,
    async () => (await videosAt(page)).map(({ label }) => label),
    (seen) => seen.sort().join() === wanted,
  );
}
