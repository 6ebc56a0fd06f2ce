import { type Figures, Meter, ownVoice, readSamples } from './figures.ts';

/** Plays everyone's voice and knows which track is whose. */
export class Voices {
  readonly #players = new Map<string, HTMLAudioElement>();
  /** Session ids by track id. */
  readonly #speakers = new Map<string, string>();
  readonly #meter = new Meter();

  add(sessionID: string, stream: MediaStream, track: MediaStreamTrack): void {
    this.remove(sessionID);
    const player = new Audio();
    player.srcObject = stream;
    player.autoplay = true;
    this.#players.set(sessionID, player);
    this.#speakers.set(track.id, sessionID);
  }

  remove(sessionID: string): void {
    const player = this.#players.get(sessionID);
    if (player === undefined) return;
    player.srcObject = null;
    this.#players.delete(sessionID);
    for (const [trackID, speaker] of this.#speakers) if (speaker === sessionID) this.#speakers.delete(trackID);
  }

  clear(): void {
    for (const sessionID of [...this.#players.keys()]) this.remove(sessionID);
  }

  /** Everyone's present figures by session id; `selfID` is who the own microphone belongs to. */
  figures(report: RTCStatsReport, selfID: string): Map<string, Figures> {
    const bySession = new Map<string, Figures>();
    for (const [key, figures] of this.#meter.update(readSamples(report.values()))) {
      const sessionID = key === ownVoice ? selfID : this.#speakers.get(key);
      if (sessionID !== undefined) bySession.set(sessionID, figures);
    }
    return bySession;
  }
}
