import type { KeptPeers } from './kept-peers.ts';

/** Statistics of one video as a page has received it so far (WebRTC Statistics, RTCInboundRtpStreamStats). */
export interface ReceivedVideo {
  readonly codec: string;
  readonly freezes: number;
  readonly framesDecoded: number;
}

/** The videos that a page receives now: those of which frames have been decoded. */
export function receivedVideos(page: {
  evaluate<R>(pageFunction: () => Promise<R>): Promise<R>;
}): Promise<readonly ReceivedVideo[]> {
  return page.evaluate(async () => {
    const { peers } = window as unknown as KeptPeers;
    const videos: { codec: string; freezes: number; framesDecoded: number }[] = [];
    for (const peer of peers) {
      const report = await peer.getStats();
      for (const stats of report.values()) {
        if (stats.type !== 'inbound-rtp' || stats.kind !== 'video' || !stats.framesDecoded) continue;
        const codec = report.get(stats.codecId)?.mimeType ?? '';
        videos.push({ codec, freezes: stats.freezeCount ?? 0, framesDecoded: stats.framesDecoded });
      }
    }
    return videos;
  });
}
