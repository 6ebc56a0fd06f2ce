import type { KeptPeers } from './kept-peers.ts';
import { until } from './until.ts';

/** A page of any browser that keeps its peers. */
export interface Listener {
  evaluate<R>(pageFunction: () => Promise<R>): Promise<R>;
}

/** Statistics of one voice as a page has received it so far (WebRTC Statistics, RTCInboundRtpStreamStats). */
export interface Voice {
  readonly packets: number;
  readonly bytes: number;
  /** Sum of squared amplitude over time, so it grows only with sound. */
  readonly energy: number;
}

/**
 * Every voice that `page` receives, by the session id of its sender: rtcd announces tracks as `voice_<session id>_<random>`. The
 * browser's own id of a track can be another one, where the page's microphone had a transceiver before rtcd offered the section.
 */
export type Voices = Readonly<Record<string, Voice>>;

/** A clearly audible amount of energy; the fake microphone brings about 0.2 per second. */
const audible = 0.02;

/** Enough packets for a quarter of a second of Opus. */
const enoughPackets = 12;

/** The voices that arrive at `page` now. */
export function voicesAt(page: Listener): Promise<Voices> {
  return page.evaluate(async () => {
    const { peers } = window as unknown as KeptPeers;
    const voices: Record<string, { packets: number; bytes: number; energy: number }> = {};
    for (const peer of peers) {
      const sections = (peer.currentRemoteDescription?.sdp ?? '').split(/^m=/m).slice(1);
      const speakers = new Map(
        sections.map((section) => [
          /^a=mid:(\S+)/m.exec(section)?.[1],
          /^a=msid:\S+ voice_([^_]+)_/m.exec(section)?.[1],
        ]),
      );
      for (const stats of (await peer.getStats()).values()) {
        if (stats.type !== 'inbound-rtp' || stats.kind !== 'audio') continue;
        const speaker = speakers.get(stats.mid);
        if (speaker === undefined) continue;
        voices[speaker] = {
          packets: stats.packetsReceived,
          bytes: stats.bytesReceived,
          energy: stats.totalAudioEnergy ?? 0,
        };
      }
    }
    return voices;
  });
}

/** Resolves once `page` hears each of `speakers`: from now on, bytes and audio energy of every one have grown. */
export async function untilHears(page: Listener, speakers: readonly string[]): Promise<void> {
  const before = await voicesAt(page);
  await until(
    `hears ${speakers.join(', ')}`,
    () => voicesAt(page),
    (now) => speakers.every((speaker) => grew(before[speaker], now[speaker])),
  );
}

/**
 * Resolves once `page` hears nothing of `muted` over a time in which 50 packets (a second) of `talking` came in: the
 * other voice is the clock, so nothing has to be slept through.
 */
export async function untilSilent(page: Listener, muted: string, talking: string): Promise<void> {
  let start = await voicesAt(page);
  await until(
    `${muted} is silent`,
    () => voicesAt(page),
    (now) => {
      if (packetsOf(now, muted) !== packetsOf(start, muted)) start = now;
      return packetsOf(now, talking) - packetsOf(start, talking) >= 50;
    },
  );
}

/** Resolves once the page plays one voice of each of `speakers`, as the web client of Calls does, and no other. */
export async function untilPlays(page: Listener, speakers: readonly string[]): Promise<void> {
  const wanted = [...speakers].sort().join();
  await until(
    `plays ${wanted}`,
    () => page.evaluate(async () => (window as unknown as KeptPeers).announced),
    (playing) => playing.sort().join() === wanted,
  );
}

function packetsOf(voices: Voices, speaker: string): number {
  return voices[speaker]?.packets ?? 0;
}

function grew(before: Voice | undefined, now: Voice | undefined): boolean {
  if (now === undefined) return false;
  return (
    now.packets - (before?.packets ?? 0) >= enoughPackets &&
    now.bytes > (before?.bytes ?? 0) &&
    now.energy - (before?.energy ?? 0) >= audible
  );
}
