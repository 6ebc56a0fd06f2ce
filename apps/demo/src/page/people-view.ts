import type { Participant } from '../messages.ts';
import { setIcon, within } from './dom.ts';
import { type Figures, formatBitrate, formatLoss, formatRoundTrip } from './figures.ts';
import { Picture } from './picture.ts';
import type { VideoChoice } from './quality-panel.ts';
import type { VideoFigures } from './video-figures.ts';

/** The list of people in the call, one card each, with the pictures of their cameras. */
export class PeopleView {
  readonly #list: HTMLElement;
  readonly #template: HTMLTemplateElement;
  readonly #cards = new Map<string, HTMLElement>();
  readonly #pictures = new Map<string, Picture>();
  #selfID = '';

  constructor(list: HTMLElement, template: HTMLTemplateElement) {
    this.#list = list;
    this.#template = template;
  }

  get size(): number {
    return this.#cards.size;
  }

  get sessionIDs(): readonly string[] {
    return [...this.#cards.keys()];
  }

  reset(selfID: string): void {
    this.#selfID = selfID;
    for (const sessionID of [...this.#pictures.keys()]) this.hideCamera(sessionID);
    this.#cards.clear();
    this.#list.replaceChildren();
  }

  show(participant: Participant): void {
    const { sessionID, name } = participant;
    const card = this.#cards.get(sessionID) ?? this.#add(sessionID, name);
    card.dataset.microphone = String(participant.microphone);
    card.dataset.muted = String(participant.muted);
    card.dataset.speaking = String(participant.speaking);
    card.dataset.camera = String(participant.camera);
    const { symbol, text } = doing(participant);
    setIcon(card, symbol);
    within(card, '.doing span').textContent = text;
    within(card, '[data-figure="round-trip"]').textContent = formatRoundTrip(participant.roundTripMs);
  }

  showFigures(sessionID: string, { audioLevel, bitrateBps, lossRatio }: Figures): void {
    const card = this.#cards.get(sessionID);
    if (card === undefined) return;
    // Loudness is heard logarithmically: the root spreads quiet speech over the meter.
    const level = card.dataset.muted === 'true' ? 0 : Math.min(1, Math.sqrt(audioLevel) * 1.6);
    card.style.setProperty('--level', level.toFixed(2));
    within(card, '[data-figure="bitrate"]').textContent = formatBitrate(bitrateBps);
    within(card, '[data-figure="loss"]').textContent = formatLoss(lossRatio);
  }

  /** Plays someone's camera on their card. It is shown while they announce that it is on. */
  showCamera(sessionID: string, track: MediaStreamTrack): void {
    this.hideCamera(sessionID);
    const card = this.#cards.get(sessionID);
    if (card !== undefined)
      this.#pictures.set(sessionID, new Picture(card, track, `Camera of ${this.nameOf(sessionID)}`));
  }

  /** Takes a picture away; with `track` only that one. */
  hideCamera(sessionID: string, track?: MediaStreamTrack): void {
    const picture = this.#pictures.get(sessionID);
    if (picture === undefined || (track !== undefined && picture.track !== track)) return;
    picture.remove();
    this.#pictures.delete(sessionID);
  }

  /** Figures of video by track id. */
  showVideoFigures(figures: ReadonlyMap<string, VideoFigures>): void {
    for (const picture of this.#pictures.values()) {
      const of = figures.get(picture.track.id);
      if (of !== undefined) picture.showFigures(of);
    }
  }

  /** Choices of rtcd for someone's camera. */
  showChoice(sessionID: string, choice: VideoChoice): void {
    this.#pictures.get(sessionID)?.showChoice(choice);
  }

  /** The name on a card, if there is one. */
  nameOf(sessionID: string): string | undefined {
    const card = this.#cards.get(sessionID);
    return card && (within(card, '.person-name').textContent ?? undefined);
  }

  has(sessionID: string): boolean {
    return this.#cards.has(sessionID);
  }

  remove(sessionID: string): void {
    this.hideCamera(sessionID);
    this.#cards.get(sessionID)?.remove();
    this.#cards.delete(sessionID);
  }

  #add(sessionID: string, name: string): HTMLElement {
    const card = within(this.#template.content, '.person').cloneNode(true) as HTMLElement;
    card.dataset.session = sessionID;
    card.dataset.self = String(sessionID === this.#selfID);
    card.style.setProperty('--hue', String(hueOf(sessionID)));
    within(card, '.person-name').textContent = name;
    within(card, '.badge').hidden = sessionID !== this.#selfID;
    within(card, '.initials').textContent = initialsOf(name);
    this.#cards.set(sessionID, card);
    if (sessionID === this.#selfID) this.#list.prepend(card);
    else this.#list.append(card);
    return card;
  }
}

function doing({ microphone, muted, speaking }: Participant): { symbol: string; text: string } {
  if (!microphone) return { symbol: 'listen', text: 'Listening' };
  if (muted) return { symbol: 'mic-off', text: 'Muted' };
  return { symbol: 'mic', text: speaking ? 'Speaking' : 'Microphone on' };
}

/** The first letters of the first two words. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/, 2);
  return words.map((word) => [...word][0]?.toUpperCase() ?? '').join('');
}

/** A color that stays with the person, in degrees. */
function hueOf(sessionID: string): number {
  let hash = 0;
  for (const character of sessionID) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % 360;
}
