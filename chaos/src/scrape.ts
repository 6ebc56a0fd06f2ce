import type { Findings } from './findings.ts';

/** Gauges of what there is at the moment. */
const PRESENCE = ['rtcd_rtc_sessions_total', 'rtcd_rtc_rtp_tracks_total', 'rtcd_ws_connections_total'];

const SCRAPE_EVERY_MS = 250;

/** Scrapes the metrics of a service all the time: whatever else fails, they are there. */
export class Scraper {
  readonly #url: string;
  readonly #findings: Findings;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(url: string, findings: Findings) {
    this.#url = url;
    this.#findings = findings;
    this.#done = this.#scrapeOn();
  }

  /** Series of what is still there, with their values. */
  async presence(): Promise<readonly string[]> {
    const { text } = await scrape(this.#url);
    const lines = text.split('\n').filter((line) => PRESENCE.some((name) => line.startsWith(name)));
    return lines.filter((line) => !line.endsWith(' 0'));
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #scrapeOn(): Promise<void> {
    while (!this.#isOver) {
      const { status, text } = await scrape(this.#url);
      if (status !== 200) this.#findings.add(`/metrics answers ${status}: ${text.slice(0, 200)}`);
      await new Promise((resolve) => setTimeout(resolve, SCRAPE_EVERY_MS));
    }
  }
}

async function scrape(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${url}/metrics`, { headers: { Connection: 'close' } });
  return { status: response.status, text: await response.text() };
}
