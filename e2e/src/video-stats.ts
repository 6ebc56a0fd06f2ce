import type { KeptPeers } from './kept-peers.ts';
import { until } from './until.ts';

/** Statistics of one video as a page has received it so far (WebRTC Statistics, RTCInboundRtpStreamStats). */
export interface ReceivedVideo {
  readonly codec: string;
  readonly freezes: number;
  readonly framesDecoded: number;
  readonly packetsLost: number;
}

/** Statistics of one encoding of a video that a page sends (RTCOutboundRtpStreamStats). */
export interface SentVideo {
  readonly keyframes: number;
  readonly keyframeRequests: number;
}

/** A page of any browser that keeps its peers. */
export interface MediaPage {
  evaluate<R>(pageFunction: () => Promise<R>): Promise<R>;
}

/** The videos that a page receives now: those of which frames have been decoded. */
export function receivedVideos(page: MediaPage): Promise<readonly ReceivedVideo[]> {
  return page.evaluate(async () => {
    const { peers } = window as unknown as KeptPeers;
    const videos: ReceivedVideo[] = [];
    for (const peer of peers) {
      const report = await peer.getStats();
      for (const stats of report.values()) {
        if (stats.type !== 'inbound-rtp' || stats.kind !== 'video' || !stats.framesDecoded) continue;
        const { framesDecoded, packetsLost } = stats;
        const codec = report.get(stats.codecId)?.mimeType ?? '';
        videos.push({ codec, freezes: stats.freezeCount ?? 0, framesDecoded, packetsLost });
      }
    }
    return videos;
  });
}

/** Resolves with the videos of a page once so many frames of each have been decoded. */
export function untilDecoded(page: MediaPage, frames: number): Promise<readonly ReceivedVideo[]> {
  return until(
    `decoded ${frames} frames of each video`,
    () => receivedVideos(page),
    (videos) => videos.length > 0 && videos.every(({ framesDecoded }) => framesDecoded >= frames),
  );
}

/** The encodings of video that a page has sent so far. */
export function sentVideos(page: MediaPage): Promise<readonly SentVideo[]> {
  return page.evaluate(async () => {
    const { peers } = window as unknown as KeptPeers;
    const videos: SentVideo[] = [];
    for (const peer of peers) {
      for (const stats of (await peer.getStats()).values()) {
        if (stats.type !== 'outbound-rtp' || stats.kind !== 'video') continue;
        videos.push({ keyframes: stats.keyFramesEncoded ?? 0, keyframeRequests: stats.pliCount ?? 0 });
      }
    }
    return videos;
  });
}
