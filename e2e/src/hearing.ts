import type { Page } from 'playwright-core';
import { until } from './until.ts';

/** What a page has received of one voice so far (WebRTC Statistics, RTCInboundRtpStreamStats). */
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
export function voicesAt(page: Page): Promise<Voices> {
  return page.evaluate(async () => {
    const { peers } = window as unknown as { peers: RTCPeerConnection[] };
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
export async function untilHears(page: Page, speakers: readonly string[]): Promise<void> {
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
export async function untilSilent(page: Page, muted: string, talking: string): Promise<void> {
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
