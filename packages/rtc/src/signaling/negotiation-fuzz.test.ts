import type { MediaMap, SessionDescription } from '@rtcd/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PublishedTrack } from '../call/published-track.ts';
import { RtcError } from '../errors.ts';
import { PayloadMap } from '../sdp/capabilities.ts';
import { parseDescription } from '../sdp/parse.ts';
import { writeDescription } from '../sdp/write.ts';
import { Negotiator } from './negotiator.ts';
import { parsePeerDescription } from './peer-description.ts';
import { Sections } from './sections.ts';

const FINGERPRINT = Array(32).fill('AB').join(':');

const TRACKS = Array.from({ length: 6 }, (_, index): PublishedTrack => {
  const senderID = `sender-${index}`;
  const id = `voice_${senderID}_12345678`;
  const codec = { mimeType: 'audio/opus', clockRate: 48_000 };
  return { id, kind: 'audio', type: 'voice', senderID, ...codec, levels: [], attach() {}, detach() {} };
});

interface PeerSection {
  mid: string;
  kind: 'application' | 'audio' | 'video';
  direction: 'sendrecv' | 'recvonly' | 'sendonly' | 'inactive';
  rejected: boolean;
}

function peerDescription(type: 'offer' | 'answer', sections: readonly PeerSection[]): SessionDescription {
  const media = sections.flatMap(({ mid, kind, direction, rejected }, index) => [
    kind === 'application'
      ? 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel'
      : `m=${kind} ${rejected ? 0 : 9} UDP/TLS/RTP/SAVPF 111`,
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtpmap:111 opus/48000/2',
    `a=ssrc:${index + 1} cname:peer`,
  ]);
  const transport = ['a=ice-ufrag:abcd', `a=ice-pwd:${'p'.repeat(22)}`, `a=fingerprint:sha-256 ${FINGERPRINT}`];
  const accepted = sections.filter(({ kind, rejected }) => kind === 'application' || !rejected);
  const bundle = `a=group:BUNDLE ${accepted.map(({ mid }) => mid).join(' ')}`;
  return { type, sdp: ['v=0', 's=-', bundle, ...transport, ...media, ''].join('\r\n') };
}

/** One negotiator and a peer that may do anything, with the promises of the negotiator checked at every step. */
class World {
  nowMs = 0;
  wanted: readonly PublishedTrack[] = [];
  /** Media maps arrive at once; otherwise they wait for `deliverMap`. */
  deliversMaps = true;
  #deliverMap: () => void = () => {};
  /** The mids in our offer whose answer is awaited. */
  #pending: readonly string[] | undefined;
  /** An offer is out, awaited or not. */
  #isOut = false;
  #order: string[] = [];
  /** By mid, of all our media maps. */
  readonly #senders = new Map<string, string>();
  readonly #sections: Sections;
  readonly #negotiator: Negotiator;

  constructor() {
    let ssrc = 1000;
    this.#sections = new Sections(new PayloadMap(), () => ssrc++, 65_536);
    this.#negotiator = new Negotiator(this.#sections, {
      wanted: () => this.wanted,
      describe: (type) => this.#describe(type),
      isOutOfReach: () => false,
      isSameTransport: () => true,
      onRemote() {},
      onNegotiated: () => this.#checkOrder(),
      sendMediaMap: (map, onDelivered, nowMs) => {
        this.#checkSenders(map);
        this.#deliverMap = () => onDelivered(nowMs);
        if (this.deliversMaps) onDelivered(nowMs);
      },
      sendOffer: (offer) => {
        const mids = parseDescription(offer).sections.map(({ mid }) => mid);
        if (this.#pending) expect(mids, 'another offer while one is pending').toEqual(this.#pending);
        this.#pending = mids;
        this.#isOut = true;
        // The peer may take it, and then give such a place away before we hear of that.
        for (const [index, { closing }] of this.#sections.all.entries())
          if (closing && index < this.#order.length) this.#order[index] = '(free)';
      },
      onFailure: (failure) => {
        if (failure === 'signaling') this.#pending = undefined;
      },
      onLockGrabbed() {},
      onLockReleased() {},
    });
  }

  want(tracks: readonly PublishedTrack[]): void {
    this.wanted = tracks;
    this.#negotiator.hear(this.nowMs);
  }

  open(): void {
    this.#negotiator.allowOffers(this.nowMs);
  }

  lock(): void {
    this.#negotiator.takeLock(this.nowMs);
  }

  unlock(): void {
    this.#negotiator.releaseLock(this.nowMs);
  }

  /** The peer offers what `change` makes of the sections as they are. */
  offer(change: (sections: PeerSection[]) => void): void {
    const sections = this.#asPeer(this.#sections.agreed);
    change(sections);
    const before = this.#sections.all;
    const answers: SessionDescription[] = [];
    try {
      const offer = peerDescription('offer', sections);
      const wasOut = this.#isOut;
      const reply = (answer: SessionDescription) => {
        answers.push(answer);
        this.#pending = undefined;
        this.#isOut = false;
      };
      const taken = this.#negotiator.receiveOffer(parsePeerDescription(offer), reply, 'client', this.nowMs);
      if (!wasOut) expect(taken).toBe(true);
      expect(answers).toHaveLength(taken ? 1 : 0);
      for (const answer of answers) {
        expect(parseDescription(answer).sections.map(({ mid }) => mid)).toEqual(sections.map(({ mid }) => mid));
      }
    } catch (error) {
      this.#expectRefusal(error);
      expect(this.#sections.all, 'a refused offer changes nothing').toEqual(before);
    }
  }

  /** The peer answers what it was offered, after `change`. Without an offer it answers all the same. */
  answer(change: (sections: PeerSection[]) => void = () => {}): void {
    const sections = this.#asPeer(this.#sections.all);
    change(sections);
    const pending = this.#pending;
    this.#pending = undefined;
    try {
      const answer = parsePeerDescription(peerDescription('answer', sections));
      const taken = this.#negotiator.receiveAnswer(answer, this.nowMs);
      if (!taken) this.#pending ??= pending;
    } catch (error) {
      this.#expectRefusal(error);
    }
  }

  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (let steps = 0; this.#negotiator.deadline() <= until; steps++) {
      expect(steps, 'a deadline that stays').toBeLessThan(100);
      this.nowMs = Math.max(this.nowMs, this.#negotiator.deadline());
      this.#negotiator.timeout(this.nowMs);
    }
    this.nowMs = until;
  }

  /** The last media map arrives; another one may follow at once, and so on. */
  deliverMap(): void {
    this.#deliverMap();
  }

  /** From now on the peer behaves. */
  settle(): void {
    this.deliversMaps = true;
    this.deliverMap();
    this.open();
    this.unlock();
    this.want([...this.wanted]);
    for (let round = 0; round < 20; round++) {
      if (this.#pending) this.answer();
      this.pass(1_000);
    }
    expect(this.#pending).toBeUndefined();
    const sending = this.#sections.all.flatMap((section) => (section.sending ? [section.sending.track.id] : []));
    expect(sending.toSorted()).toEqual(this.wanted.map(({ id }) => id).toSorted());
    this.#checkOrder();
  }

  #asPeer(sections: Sections['all']): PeerSection[] {
    if (sections.length === 0) return [{ mid: '0', kind: 'application', direction: 'sendrecv', rejected: false }];
    return sections.map(({ mid, kind, createdBy, rejected, closing }) => {
      const direction = createdBy === 'peer' ? 'sendrecv' : 'recvonly';
      return { mid, kind, direction, rejected: rejected || closing };
    });
  }

  /** Checks that what both sides are known to have stays in its place; only the place of a rejected section may be taken. */
  #checkOrder(): void {
    const { all, agreed } = this.#sections;
    expect(new Set(all.map(({ mid }) => mid)).size).toBe(all.length);
    for (const [index, before] of this.#order.entries())
      if (before !== '(free)') expect(agreed[index]?.mid).toBe(before);
    this.#order = agreed.map(({ mid, rejected, confirmed }) => (rejected || !confirmed ? '(free)' : mid));
    expect(all.filter(({ receiving }) => receiving).length).toBeLessThanOrEqual(8);
  }

  /** A section is one sender's for good. */
  #checkSenders(map: MediaMap): void {
    for (const [mid, { senderID }] of Object.entries(map)) {
      expect(this.#senders.get(mid) ?? senderID).toBe(senderID);
      this.#senders.set(mid, senderID);
    }
  }

  #expectRefusal(error: unknown): void {
    if (!(error instanceof RtcError)) throw error;
    expect(error.code).toBe('invalid_sdp');
  }

  #describe(type: 'offer' | 'answer'): SessionDescription {
    const sdp = writeDescription({
      type,
      sessionId: '1',
      sessionVersion: 1,
      ice: { ufrag: 'ufrag', pwd: 'p'.repeat(22) },
      fingerprint: { algorithm: 'sha-256', value: FINGERPRINT },
      candidates: [],
      ...this.#sections.describe(type),
    });
    return { type, sdp };
  }
}

type Step = (world: World) => void;

const mid = fc.constantFrom('0', '1', '2', '3', '7', '9007199254740991', 'x');
const peerSection = fc.record<PeerSection>({
  mid,
  kind: fc.constantFrom('application', 'audio', 'video'),
  direction: fc.constantFrom('sendrecv', 'recvonly', 'sendonly', 'inactive'),
  rejected: fc.boolean(),
});

/** Changes that a peer may make to a description before it sends it: from what is allowed to what is absurd. */
const change: fc.Arbitrary<(sections: PeerSection[]) => void> = fc.oneof(
  fc.constant(() => {}),
  peerSection.map((added) => (sections: PeerSection[]) => {
    sections.push(added);
  }),
  fc.tuple(fc.nat(8), peerSection).map(([at, other]) => (sections: PeerSection[]) => {
    const section = sections[at % sections.length]!;
    section.direction = other.direction;
    if (section.kind !== 'application') section.rejected = other.rejected;
  }),
  fc.tuple(fc.nat(8), peerSection).map(([at, other]) => (sections: PeerSection[]) => {
    sections[at % sections.length] = other;
  }),
  fc.nat(8).map((at) => (sections: PeerSection[]) => {
    sections.splice(at % sections.length, 1);
  }),
  fc.constant((sections: PeerSection[]) => {
    sections.reverse();
  }),
  fc.constant((sections: PeerSection[]) => {
    for (let extra = 0; extra < 40; extra++) {
      sections.push({ mid: `extra-${extra}`, kind: 'audio', direction: 'sendrecv', rejected: false });
    }
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.subarray(TRACKS).map((tracks) => (world: World) => world.want(tracks)) },
  { weight: 3, arbitrary: fc.constant<Step>((world) => world.answer()) },
  { weight: 2, arbitrary: change.map((edit) => (world: World) => world.answer(edit)) },
  { weight: 3, arbitrary: change.map((edit) => (world: World) => world.offer(edit)) },
  { weight: 2, arbitrary: fc.nat(12_000).map((ms) => (world: World) => world.pass(ms)) },
  fc.boolean().map((at) => (world: World) => {
    world.deliversMaps = at;
  }),
  fc.constant<Step>((world) => world.deliverMap()),
  fc.constant<Step>((world) => world.lock()),
  fc.constant<Step>((world) => world.unlock()),
  fc.constant<Step>((world) => world.open()),
);

describe('Negotiator', () => {
  it('keeps its invariants whatever a peer does, and settles once the peer behaves', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        world.offer(() => {});
        for (const take of steps) take(world);
        world.settle();
      }),
      { numRuns: 400 },
    );
  });
});
