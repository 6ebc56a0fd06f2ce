import type { Participant } from '@rtcd/rtc/testing';

const PACKET_INTERVAL_MS = 20;

/** Has participants talk at 50 packets/s each, until the returned function is called. What a busy machine delays is made up for. */
export function talk(...speakers: readonly Participant[]): () => void {
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent < (performance.now() - startMs) / PACKET_INTERVAL_MS; sent++) {
      for (const speaker of speakers) speaker.sendVoice();
    }
  }, PACKET_INTERVAL_MS);
  return () => clearInterval(timer);
}
