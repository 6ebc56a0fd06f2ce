import { type Figures, Meter, ownVoice, readSamples } from './figures.ts';
import type { RemoteTrack } from './remote-tracks.ts';

/** Plays everyone's voice, and the sound of screens, and knows which track is whose. */
export class Voices {
  readonly #players = new Map<MediaStreamTrack, HTMLAudioElement>();
  /** Session ids by the track id of the voice. */
  readonly #speakers = new Map<string, string>();
  readonly #meter = new Meter();

  add({ sessionID, type, track }: RemoteTrack): void {
    this.remove(track);
    const player = new Audio();
    player.srcObject = new MediaStream([track]);
    player.autoplay = true;
    this.#players.set(track, player);
    if (type === 'voice') this.#speakers.set(track.id, sessionID);
  }

  remove(track: MediaStreamTrack): void {
    const player = this.#players.get(track);
    if (player === undefined) return;
    player.srcObject = null;
    this.#players.delete(track);
    this.#speakers.delete(track.id);
  }

  clear(): void {
    for (const track of [...this.#players.keys()]) this.remove(track);
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
