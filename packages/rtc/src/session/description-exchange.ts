import type { MediaMap, SessionDescription } from '@rtcd/protocol';
import type { SessionJournal } from '../inspect/session-journal.ts';
import type { MessageAdmission } from '../messages/admission.ts';
import type { SignalingWay } from '../signaling/negotiator-owner.ts';

type SendDescription = (description: SessionDescription, nowMs: number) => void;

export interface DescriptionExchangeOptions {
  readonly journal: SessionJournal;
  readonly admission: MessageAdmission;
  /** The route of our offers. */
  readonly offersBy: SignalingWay;
  /** Applies a description of the peer: `PeerSignaling.receive`. */
  readonly apply: (
    description: SessionDescription,
    reply: SendDescription,
    way: SignalingWay,
    nowMs: number,
  ) => boolean;
  readonly send: Readonly<Record<SignalingWay, SendDescription>>;
  readonly sendMediaMap: (map: MediaMap, nowMs: number, onAcknowledged?: (nowMs: number) => void) => void;
}

/** Descriptions on their way to the peer and back: by the client or on the data channel, and recorded. */
export class DescriptionExchange {
  readonly #options: DescriptionExchangeOptions;

  constructor(options: DescriptionExchangeOptions) {
    this.#options = options;
  }

  /** A description of the peer. The answer goes back the same way. Throws `RtcError` `invalid_sdp`. */
  receive(description: SessionDescription, way: SignalingWay, nowMs: number): void {
    const { journal, admission, apply } = this.#options;
    journal.record(`${description.type} received`, nowMs, WORDING[way]);
    const isTaken = apply(description, (answer, atMs) => this.#send(answer, way, atMs), way, nowMs);
    if (isTaken) admission.descriptionTaken(description);
    else journal.record('description ignored', nowMs, description.type);
  }

  sendOffer(offer: SessionDescription, nowMs: number): void {
    this.#send(offer, this.#options.offersBy, nowMs);
  }

  /** Sends the map that belongs to the next offer. `onDelivered` is called once the offer cannot overtake it. */
  sendMediaMap(map: MediaMap, onDelivered: (nowMs: number) => void, nowMs: number): void {
    const { offersBy, sendMediaMap } = this.#options;
    if (offersBy === 'client') return sendMediaMap(map, nowMs, onDelivered);
    // On the channel the offer comes behind its map by itself.
    sendMediaMap(map, nowMs);
    onDelivered(nowMs);
  }

  #send(description: SessionDescription, way: SignalingWay, nowMs: number): void {
    this.#options.journal.record(`${description.type} sent`, nowMs, WORDING[way]);
    this.#options.send[way](description, nowMs);
  }
}

const WORDING: Readonly<Record<SignalingWay, string>> = {
  channel: 'over the data channel',
  client: 'through the client',
};
