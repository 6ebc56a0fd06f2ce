import type { MediaMap, SessionDescription } from '@rtcd/protocol';
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
const PEER_VOICE = ['a=msid:stream track', 'a=ssrc:99 cname:peer'];

const voiceOf = (senderID: string): PublishedTrack => ({
  id: `voice_${senderID}_12345678`,
  kind: 'audio',
  type: 'voice',
  senderID,
  mimeType: 'audio/opus',
  clockRate: 48_000,
  levels: [],
  attach() {},
  detach() {},
});

interface PeerSection {
  readonly mid: string;
  readonly kind: 'application' | 'audio';
  readonly direction?: string;
  readonly rejected?: boolean;
  readonly lines?: readonly string[];
}

const DATA: PeerSection = { mid: '0', kind: 'application' };
const VOICE: PeerSection = { mid: '1', kind: 'audio', direction: 'sendrecv', lines: PEER_VOICE };

function peerDescription(type: 'offer' | 'answer', sections: readonly PeerSection[]): SessionDescription {
  const media = sections.flatMap(({ mid, kind, direction = 'sendrecv', rejected = false, lines = [] }) => [
    kind === 'audio'
      ? `m=audio ${rejected ? 0 : 9} UDP/TLS/RTP/SAVPF 111`
      : 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    `a=mid:${mid}`,
    ...(kind === 'audio' ? [`a=${direction}`, 'a=rtpmap:111 opus/48000/2', ...lines] : ['a=sctp-port:5000']),
  ]);
  const session = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=ice-ufrag:abcd', `a=ice-pwd:${'p'.repeat(22)}`];
  const bundle = `a=group:BUNDLE ${sections.flatMap(({ mid, rejected }) => (rejected ? [] : [mid])).join(' ')}`;
  return { type, sdp: [...session, bundle, `a=fingerprint:sha-256 ${FINGERPRINT}`, ...media, ''].join('\r\n') };
}

/** As from a peer that counts its descriptions (RFC 9429 section 5.2.1). */
const versioned = ({ type, sdp }: SessionDescription, version: number): SessionDescription => ({
  type,
  sdp: sdp.replace('o=- 1 1 ', `o=- 1 ${version} `),
});

const receiveAnswer = (negotiator: Negotiator, description: SessionDescription, nowMs: number): boolean =>
  negotiator.receiveAnswer(parsePeerDescription(description), nowMs);

const receiveOffer = (
  negotiator: Negotiator,
  description: SessionDescription,
  reply: (answer: SessionDescription) => void,
  nowMs: number,
): boolean => negotiator.receiveOffer(parsePeerDescription(description), reply, 'client', nowMs);

function setUp({ holdsMaps = false, isOutOfReach = false } = {}) {
  let ssrc = 100;
  const sections = new Sections(new PayloadMap(), () => ssrc++, 65_536);
  const offers: { offer: SessionDescription; map: MediaMap }[] = [];
  const answers: SessionDescription[] = [];
  const maps: { map: MediaMap; deliver: () => void }[] = [];
  const failures: string[] = [];
  let negotiated = 0;
  let wanted: readonly PublishedTrack[] = [];
  const negotiator = new Negotiator(sections, {
    wanted: () => wanted,
    describe: (type) => ({
      type,
      sdp: writeDescription({
        type,
        sessionId: '1',
        sessionVersion: 1,
        ice: { ufrag: 'ufrag', pwd: 'p'.repeat(22) },
        fingerprint: { algorithm: 'sha-256', value: FINGERPRINT },
        candidates: [],
        ...sections.describe(type),
      }),
    }),
    sendMediaMap: (map, onDelivered, nowMs) => {
      const deliver = () => onDelivered(nowMs);
      maps.push({ map, deliver });
      if (!holdsMaps) deliver();
    },
    sendOffer: (offer) => offers.push({ offer, map: maps.at(-1)!.map }),
    isOutOfReach: () => isOutOfReach,
    isSameTransport: () => true,
    onRemote() {},
    onNegotiated: () => {
      negotiated += 1;
    },
    onFailure: (failure) => failures.push(failure),
    onLockGrabbed() {},
    onLockReleased() {},
  });
  const offer = (peerSections: readonly PeerSection[], nowMs = 0) =>
    receiveOffer(negotiator, peerDescription('offer', peerSections), (answer) => answers.push(answer), nowMs);
  /** Answers our last offer as a browser does: it receives on all that it did not offer itself. */
  const answer = (nowMs = 0) => {
    const peerSections = sections.all.map(
      ({ mid, kind, createdBy, closing, rejected }): PeerSection =>
        kind === 'application'
          ? DATA
          : createdBy === 'peer'
            ? { ...VOICE, mid }
            : { mid, kind: 'audio', direction: 'recvonly', rejected: rejected || closing },
    );
    receiveAnswer(negotiator, peerDescription('answer', peerSections), nowMs);
  };
  const want = (tracks: readonly PublishedTrack[], nowMs: number) => {
    wanted = tracks;
    negotiator.hear(nowMs);
  };
  return {
    sections,
    negotiator,
    offers,
    answers,
    maps,
    failures,
    offer,
    answer,
    want,
    negotiatedCount: () => negotiated,
  };
}

describe('Negotiator', () => {
  it('answers the first offer, and learns what the peer sends', () => {
    const { offer, answers, sections } = setUp();
    offer([DATA, VOICE]);
    expect(answers).toHaveLength(1);
    expect(sections.all[1]?.receiving).toMatchObject({ mid: '1', ssrcs: [99], streamId: 'stream' });
    expect(answers[0]?.sdp).toContain('a=recvonly');
  });

  it('offers nothing before the data channel is open, then everything in one offer', () => {
    const { negotiator, offer, offers, want } = setUp();
    want([voiceOf('a'), voiceOf('b'), voiceOf('c')], 0);
    offer([DATA]);
    expect(offers).toHaveLength(0);
    negotiator.allowOffers(0);
    expect(offers).toHaveLength(1);
    expect(offers[0]?.map).toEqual({
      s1: { type: 'voice', senderID: 'a' },
      s2: { type: 'voice', senderID: 'b' },
      s3: { type: 'voice', senderID: 'c' },
    });
  });

  it('puts all changes during a negotiation into the next single offer', () => {
    const { negotiator, offer, offers, answer, want } = setUp();
    const [a, b, c] = [voiceOf('a'), voiceOf('b'), voiceOf('c')];
    offer([DATA]);
    negotiator.allowOffers(0);
    want([a, b], 0);
    want([b], 0);
    want([b, c], 0);
    expect(offers).toHaveLength(1);
    answer();
    expect(offers).toHaveLength(2);
    expect(offers[1]?.map).toEqual({ s2: { type: 'voice', senderID: 'b' }, s3: { type: 'voice', senderID: 'c' } });
    answer();
    expect(offers).toHaveLength(2);
  });

  describe('of a section whose sender is gone', () => {
    const [a, b] = [voiceOf('a'), voiceOf('b')];
    const OURS: PeerSection = { mid: 's1', kind: 'audio', direction: 'recvonly' };

    /** The mids of an offer, with those of rejected sections in brackets. */
    const midsOf = ({ offer }: { offer: SessionDescription }) =>
      parseDescription(offer).sections.map(({ mid, rejected }) => (rejected ? `(${mid})` : mid));

    /** A peer that is sent the voice of `a`, as it sees it. */
    function setUpWithVoice(options = {}) {
      const world = setUp(options);
      world.offer([DATA]);
      world.negotiator.allowOffers(0);
      world.want([a], 0);
      world.answer();
      return world;
    }

    it('rejects it, and gives its place to the next one under a new mid', () => {
      const { offers, answer, want } = setUpWithVoice();
      want([], 0);
      answer();
      want([b], 0);
      answer();
      want([a, b], 0);
      expect(offers.map(midsOf)).toEqual([
        ['0', 's1'],
        ['0', '(s1)'],
        ['0', 's2'],
        ['0', 's2', 's3'],
      ]);
    });

    it('recycles no place in the offer that frees it', () => {
      const { offers, want } = setUpWithVoice();
      want([b], 0);
      expect(midsOf(offers[1]!)).toEqual(['0', '(s1)', 's2']);
      expect(offers[1]?.map).toEqual({ s2: { type: 'voice', senderID: 'b' } });
    });

    it('does not grow, however many join and leave', () => {
      const { offers, answer, want, sections } = setUpWithVoice();
      for (let round = 0; round < 1_000; round++) {
        want([voiceOf(`s${round}`)], 0);
        answer();
      }
      expect(sections.all).toHaveLength(3);
      expect(new Set(offers.flatMap(({ map }) => Object.keys(map))).size).toBe(1_001);
    });

    it('keeps it while the peer sends there, without reusing it', () => {
      const { offers, answer, negotiator, offer, want } = setUpWithVoice();
      offer([DATA, { ...VOICE, mid: 's1' }]);
      want([], 0);
      expect(parseDescription(offers[1]!.offer).sections[1]).toMatchObject({ rejected: false, direction: 'recvonly' });
      receiveAnswer(negotiator, peerDescription('answer', [DATA, { ...VOICE, mid: 's1', direction: 'sendonly' }]), 0);
      want([b], 0);
      expect(midsOf(offers[2]!)).toEqual(['0', 's1', 's2']);
      receiveAnswer(negotiator, peerDescription('answer', [DATA, OURS, { ...OURS, mid: 's2' }]), 0);
      expect(midsOf(offers[3]!)).toEqual(['0', '(s1)', 's2']);
      answer();
      expect(offers).toHaveLength(4);
    });

    it('restores it when the peer, which missed the rejection, sends there', () => {
      const { negotiator, offers, answers, offer, want, sections } = setUpWithVoice({ isOutOfReach: true });
      want([], 0);
      for (const nowMs of [10_000, 20_000, 30_000]) negotiator.timeout(nowMs);
      expect(midsOf(offers.at(-1)!)).toEqual(['0', '(s1)']);
      offer([DATA, { ...VOICE, mid: 's1' }], 31_000);
      expect(sections.all[1]).toMatchObject({ rejected: false, receiving: { ssrcs: [99] } });
      expect(parseDescription(answers.at(-1)!).sections[1]).toMatchObject({ rejected: false, direction: 'recvonly' });
    });

    it('accepts a section of the peer in its place, even if the answer to the rejection was lost', () => {
      const { negotiator, offer, want, sections } = setUpWithVoice();
      want([], 0);
      for (const nowMs of [10_000, 20_000, 30_000]) negotiator.timeout(nowMs);
      offer([DATA, { ...VOICE, mid: '9' }], 31_000);
      expect(sections.all.map(({ mid, createdBy }) => [mid, createdBy])).toEqual([
        ['0', 'peer'],
        ['9', 'peer'],
      ]);
    });

    it('keeps a place that it recycled in an offer that did not reach the peer', () => {
      const { negotiator, offers, answer, offer, want } = setUpWithVoice({ isOutOfReach: true });
      want([], 0);
      answer();
      want([b], 0);
      for (const nowMs of [10_000, 20_000, 30_000]) negotiator.timeout(nowMs);
      offer([DATA, { ...OURS, rejected: true }, { ...VOICE, mid: '4' }], 31_000);
      expect(midsOf(offers.at(-1)!)).toEqual(['0', 's2', '4']);
    });
  });

  it('ignores an offer that collides with its own, being impolite', () => {
    const { negotiator, offer, offers, answers, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(offers).toHaveLength(1);
    expect(offer([DATA, VOICE])).toBe(false);
    expect(answers).toHaveLength(1);
    answer();
    expect(offer([DATA, { mid: 's1', kind: 'audio', direction: 'recvonly' }, { ...VOICE, mid: '2' }])).toBe(true);
    expect(answers).toHaveLength(2);
  });

  it('offers only once the media map has been delivered', () => {
    const { negotiator, offer, offers, maps, want } = setUp({ holdsMaps: true });
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(maps.map(({ map }) => map)).toEqual([{ s1: { type: 'voice', senderID: 'a' } }]);
    expect(offers).toHaveLength(0);
    maps[0]!.deliver();
    expect(offers).toHaveLength(1);
  });

  it('sends another media map when one is not delivered within 10 s, and ignores the late delivery of the first', () => {
    const { negotiator, offer, offers, maps, failures, want } = setUp({ holdsMaps: true });
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    negotiator.timeout(10_000);
    expect(failures).toEqual(['signaling']);
    expect(maps).toHaveLength(2);
    maps[0]!.deliver();
    expect(offers).toHaveLength(0);
    maps[1]!.deliver();
    expect(offers).toHaveLength(1);
  });

  it('answers an offer while its media map is in flight, and starts its own offer over', () => {
    const { negotiator, offer, offers, answers, maps, want } = setUp({ holdsMaps: true });
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(offer([DATA, VOICE])).toBe(true);
    expect(answers).toHaveLength(2);
    maps[0]!.deliver();
    expect(offers).toHaveLength(0);
    maps[1]!.deliver();
    expect(offers.map(({ map }) => map)).toEqual([{ s2: { type: 'voice', senderID: 'a' } }]);
  });

  it('answers without BUNDLE an offer without it, and then accepts only one section', () => {
    const { answers, negotiator, offers, sections, want } = setUp();
    const { type, sdp } = peerDescription('offer', [DATA, VOICE]);
    const unbundled = { type, sdp: sdp.replace(/a=group:.*\r\n/, '') };
    receiveOffer(negotiator, unbundled, (answer) => answers.push(answer), 0);
    expect(answers[0]?.sdp).not.toContain('BUNDLE');
    expect(sections.all.map(({ rejected }) => rejected)).toEqual([false, true]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(offers).toHaveLength(0);
  });

  it('continues over the next section when the one that carries the bundle is stopped', () => {
    const { answers, offer } = setUp();
    offer([VOICE, DATA]);
    offer([{ ...VOICE, rejected: true }, DATA]);
    const [first, second] = answers.map(({ sdp }) => sdp.split('m=').findIndex((part) => part.includes('candidates')));
    expect([first, second]).toEqual([1, 2]);
    expect(answers[1]?.sdp).toContain('a=group:BUNDLE 0\r\n');
  });

  it('accepts an answer that rejects a section without naming it', () => {
    const { negotiator, offer, sections, want, negotiatedCount } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    const { type, sdp } = peerDescription('answer', [DATA, { mid: '9', kind: 'audio', rejected: true }]);
    receiveAnswer(negotiator, { type, sdp: sdp.replace('a=mid:9\r\n', '') }, 0);
    expect(negotiatedCount()).toBe(2);
    expect(sections.all[1]).toMatchObject({ mid: 's1', rejected: true });
  });

  it('waits for the lock while the peer holds it', () => {
    const { negotiator, offer, offers, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    expect(negotiator.takeLock(0)).toBe(true);
    want([voiceOf('a')], 100);
    expect(offers).toHaveLength(0);
    negotiator.releaseLock(200);
    expect(offers).toHaveLength(1);
    expect(negotiator.takeLock(300)).toBe(false);
  });

  it('lets a peer that was refused the lock have its turn before the next offer', () => {
    const { negotiator, offer, offers, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(negotiator.takeLock(900)).toBe(false);
    want([voiceOf('a'), voiceOf('b')], 1_000);
    answer(1_000);
    expect(negotiator.takeLock(1_050)).toBe(true);
    negotiator.timeout(1_500);
    expect(offers).toHaveLength(1);
    negotiator.releaseLock(1_600);
    expect(offers).toHaveLength(2);
  });

  it('offers half a second later if a peer that was refused the lock does not ask again', () => {
    const { negotiator, offer, offers, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    negotiator.takeLock(900);
    want([voiceOf('a'), voiceOf('b')], 1_000);
    answer(1_000);
    expect(negotiator.deadline()).toBe(1_500);
    negotiator.timeout(1_500);
    expect(offers).toHaveLength(2);
  });

  it('offers at once if the peer asked for the lock long ago', () => {
    const { negotiator, offer, offers, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    negotiator.takeLock(100);
    want([voiceOf('a'), voiceOf('b')], 1_000);
    answer(2_000);
    expect(offers).toHaveLength(2);
  });

  it('counts a lock that is held too long, and continues once it has expired', () => {
    const { negotiator, offer, offers, failures, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    negotiator.takeLock(0);
    want([voiceOf('a')], 0);
    expect(negotiator.deadline()).toBe(5_000);
    negotiator.timeout(5_000);
    expect(failures).toEqual(['signaling_lock_timeout']);
    expect(offers).toHaveLength(0);
    expect(negotiator.deadline()).toBe(10_000);
    negotiator.timeout(10_000);
    expect(offers).toHaveLength(1);
  });

  it('offers again after each 10 s without an answer, with pauses after three in a row, and never gives up', () => {
    const { negotiator, offer, offers, failures, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    for (const nowMs of [10_000, 20_000, 30_000]) negotiator.timeout(nowMs);
    expect(failures).toEqual(['signaling', 'signaling', 'signaling']);
    expect(offers).toHaveLength(3);
    expect(negotiator.deadline()).toBe(40_000);
    negotiator.timeout(40_000);
    expect(offers).toHaveLength(4);
    negotiator.timeout(50_000);
    expect(negotiator.deadline()).toBe(60_000);
    want([voiceOf('a'), voiceOf('b')], 51_000);
    expect(offers).toHaveLength(5);
  });

  it.each<[string, (world: ReturnType<typeof setUp>) => void]>([
    ['is heard of', ({ negotiator }) => negotiator.hear(31_000)],
    ['can be reached again', ({ negotiator }) => negotiator.resume(31_000)],
    ['takes the lock and gives it back', ({ negotiator }) => void negotiator.releaseLock(31_000)],
    ['offers', ({ offer }) => void offer([DATA, VOICE], 31_000)],
    [
      'answers something else',
      ({ negotiator }) => void receiveAnswer(negotiator, peerDescription('answer', [DATA]), 31_000),
    ],
  ])('does not wait for the end of a pause when the peer %s', (_, happen) => {
    const world = setUp();
    world.offer([DATA]);
    world.negotiator.allowOffers(0);
    world.want([voiceOf('a')], 0);
    for (const nowMs of [10_000, 20_000, 30_000]) world.negotiator.timeout(nowMs);
    happen(world);
    expect(world.offers).toHaveLength(4);
  });

  it('accepts the answer to an offer that timed out', () => {
    const { negotiator, offer, offers, sections, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    for (const nowMs of [10_000, 20_000, 30_000]) negotiator.timeout(nowMs);
    answer(31_000);
    expect(sections.all[1]?.peerReceives).toBe(true);
    answer(31_100);
    expect(offers).toHaveLength(3);
    expect(negotiator.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not match an answer to an older offer with a newer one', () => {
    const { negotiator, offer, offers, sections, answer, want } = setUp();
    const [a, b] = [voiceOf('a'), voiceOf('b')];
    offer([DATA]);
    negotiator.allowOffers(0);
    want([a], 0);
    want([a, b], 5_000);
    negotiator.timeout(10_000);
    expect(offers).toHaveLength(2);
    const late = peerDescription('answer', [DATA, { mid: 's1', kind: 'audio', direction: 'recvonly' }]);
    expect(receiveAnswer(negotiator, late, 11_000)).toBe(false);
    expect(sections.agreed).toHaveLength(1);
    answer(11_100);
    expect(sections.agreed.map(({ peerReceives }) => peerReceives)).toEqual([false, true, true]);
  });

  it('repeats its offer, and keeps its sections, when the peer offers without having received it', () => {
    const { negotiator, offer, offers, sections, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(offer([DATA, VOICE], 100)).toBe(false);
    expect(offers).toHaveLength(1);
    expect(offer([DATA, VOICE], 3_000)).toBe(false);
    expect(offers).toHaveLength(2);
    answer(3_100);
    expect(offer([DATA, { mid: 's1', kind: 'audio', direction: 'recvonly' }, { ...VOICE, mid: '2' }], 3_200)).toBe(
      true,
    );
    expect(sections.all.map(({ mid }) => mid)).toEqual(['0', 's1', '2']);
  });

  it('accepts an offer that shows that its own was accepted, though the answer is missing', () => {
    const { negotiator, offer, offers, answers, sections, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(offer([DATA, { mid: 's1', kind: 'audio', direction: 'recvonly' }, { ...VOICE, mid: '2' }], 3_000)).toBe(
      true,
    );
    expect(answers).toHaveLength(2);
    expect(sections.agreed[1]).toMatchObject({ mid: 's1', createdBy: 'sfu', peerReceives: true });
    expect(Object.keys(offers.at(-1)!.map)).toEqual(['s1']);
  });

  it('does not count a section that was added and removed while its offer was pending as known to the peer', () => {
    const { negotiator, offer, offers, sections, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    want([], 1_000);
    negotiator.timeout(10_000);
    expect(parseDescription(offers[1]!.offer).sections[1]).toMatchObject({ mid: 's1', rejected: true });
    expect(offer([DATA, VOICE], 10_100)).toBe(false);
    expect(offer([DATA, { ...VOICE, rejected: true }], 10_200)).toBe(false);
    expect(sections.agreed.map(({ mid }) => mid)).toEqual(['0']);
  });

  it('abandons its pending offer for one of a peer that it cannot reach', () => {
    const { negotiator, offer, offers, sections, want } = setUp({ isOutOfReach: true });
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(offer([DATA, VOICE], 3_000)).toBe(true);
    expect(sections.agreed.map(({ mid }) => mid)).toEqual(['0', '1']);
    expect(offers.at(-1)?.map).toEqual({ s2: { type: 'voice', senderID: 'a' } });
  });

  it("replaces the peer's sections with those of its next offer, as after a rollback", () => {
    const { offer, sections } = setUp();
    offer([DATA]);
    offer([DATA, VOICE]);
    expect(offer([DATA, { ...VOICE, mid: '2' }])).toBe(true);
    expect(sections.all.map(({ mid }) => mid)).toEqual(['0', '2']);
    offer([DATA, { ...VOICE, mid: '2' }]);
    expect(() => offer([DATA, { ...VOICE, mid: '3' }])).toThrow(RtcError);
  });

  it('ignores descriptions that later ones of the same peer have overtaken', () => {
    const { negotiator, sections, want } = setUp();
    const answers: SessionDescription[] = [];
    const described = (version: number, ...peerSections: PeerSection[]) => {
      const { sdp } = peerDescription('offer', peerSections);
      return { type: 'offer' as const, sdp: sdp.replace('o=- 1 1', `o=- 7 ${version}`) };
    };
    const receive = (description: SessionDescription) =>
      receiveOffer(negotiator, description, (reply) => answers.push(reply), 0);
    expect(receive(described(9, DATA))).toBe(true);
    expect(receive(described(10, DATA, VOICE))).toBe(true);
    expect(receive(described(9, DATA))).toBe(false);
    expect(sections.all).toHaveLength(2);
    expect(receive(described(10, DATA, VOICE))).toBe(true);
    expect(answers).toHaveLength(3);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    const late = {
      ...described(9, DATA, VOICE, { mid: 's1', kind: 'audio', direction: 'recvonly' }),
      type: 'answer' as const,
    };
    expect(receiveAnswer(negotiator, late, 0)).toBe(false);
  });

  it('accepts descriptions of a peer whose o= line has another random version each time', () => {
    const { negotiator, sections } = setUp();
    const receive = (version: number, ...peerSections: PeerSection[]) => {
      const { sdp } = peerDescription('offer', peerSections);
      const description = { type: 'offer' as const, sdp: sdp.replace('o=- 1 1', `o=- 7 ${version}`) };
      return receiveOffer(negotiator, description, () => {}, 0);
    };
    expect(receive(35_908_709, DATA)).toBe(true);
    expect(receive(30_635_619, DATA, VOICE)).toBe(true);
    expect(sections.all).toHaveLength(2);
  });

  it('offers once more when an answer refuses a track, and accepts the second refusal', () => {
    const { negotiator, offer, offers, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    const no = peerDescription('answer', [DATA, { mid: 's1', kind: 'audio', direction: 'inactive' }]);
    receiveAnswer(negotiator, no, 100);
    expect(offers).toHaveLength(2);
    receiveAnswer(negotiator, no, 200);
    expect(offers).toHaveLength(2);
    want([voiceOf('a'), voiceOf('b')], 300);
    answer(400);
    expect(offers).toHaveLength(3);
  });

  it('offers once when the peer lets the lock expire, and closes no section until the peer could offer again', () => {
    const { negotiator, offer, offers, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    answer(0);
    negotiator.takeLock(1_000);
    want([], 2_000);
    negotiator.timeout(11_000);
    expect(offers).toHaveLength(2);
    expect(parseDescription(offers[1]!.offer).sections[1]).toMatchObject({ rejected: false });
    answer(11_100);
    expect(offers).toHaveLength(2);
    negotiator.timeout(16_100);
    expect(parseDescription(offers[2]!.offer).sections[1]).toMatchObject({ rejected: true });
  });

  it('answers again, before the data channel is open, when the answer may have been lost', () => {
    const { negotiator, offer, answers, offers } = setUp();
    negotiator.resume(0);
    offer([DATA]);
    negotiator.resume(1_000);
    expect(answers).toHaveLength(2);
    negotiator.allowOffers(2_000);
    negotiator.resume(3_000);
    expect(answers).toHaveLength(2);
    expect(offers).toHaveLength(1);
  });

  it.each([
    ['another number of sections than offered', [DATA]],
    ['another order', [VOICE, DATA]],
  ])('continues to wait after an answer with %s', (_, peerSections) => {
    const { negotiator, offer, offers, answer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(receiveAnswer(negotiator, peerDescription('answer', peerSections), 0)).toBe(false);
    expect(offers).toHaveLength(1);
    answer(100);
    // It may be the peer that is right, so it is asked once more.
    expect(offers).toHaveLength(2);
    answer(200);
    expect(offers).toHaveLength(2);
  });

  it('refuses an answer that it cannot read', () => {
    const { negotiator, offer, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(() => receiveAnswer(negotiator, peerDescription('answer', []), 0)).toThrow(RtcError);
  });

  it('ignores an unsolicited answer', () => {
    const { negotiator, offer, negotiatedCount } = setUp();
    offer([DATA]);
    receiveAnswer(negotiator, peerDescription('answer', [DATA]), 0);
    expect(negotiatedCount()).toBe(1);
  });

  it('bounds the sections that a peer may add: further ones are rejected, and the rest continues', () => {
    const { offer, sections } = setUp();
    const voice = (index: number): PeerSection => ({ ...VOICE, mid: String(index + 1) });
    offer([DATA, ...Array.from({ length: 200 }, (_, index) => voice(index))]);
    offer([DATA, ...Array.from({ length: 300 }, (_, index) => voice(index))]);
    const rejected = sections.all.map((section) => section.rejected);
    // The data channel's section is the first of 256.
    expect(rejected).toEqual([...Array(256).fill(false), ...Array(45).fill(true)]);
  });

  it('sends on a section only while the peer accepts it', () => {
    const { negotiator, offer, answer, sections, answers, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    answer();
    offer([DATA, { mid: 's1', kind: 'audio', direction: 'inactive' }]);
    expect(sections.all[1]?.peerReceives).toBe(false);
    expect(answers.at(-1)?.sdp).toContain('a=inactive');
  });

  it('accepts a new section in the place of a rejected one', () => {
    const { offer, sections } = setUp();
    offer([DATA, { mid: '1', kind: 'audio', lines: [] }]);
    const rejected = sections.all[1]!;
    rejected.rejected = true;
    offer([DATA, { ...VOICE, mid: '7' }]);
    expect(sections.all[1]).toMatchObject({ mid: '7', rejected: false });
  });

  it('pauses between offers in proportion to their length, and puts all changes into the next', () => {
    const { negotiator, offer, offers, answer, want } = setUp();
    const voices = Array.from({ length: 103 }, (_, index) => voiceOf(`s${index}`));
    offer([DATA]);
    want(voices.slice(0, 99), 0);
    negotiator.allowOffers(0);
    answer(50);
    want(voices.slice(0, 100), 60);
    want(voices.slice(0, 102), 100);
    expect(offers).toHaveLength(1);
    expect(negotiator.deadline()).toBe(200);
    negotiator.timeout(200);
    expect(offers).toHaveLength(2);
    expect(Object.keys(offers[1]!.map)).toHaveLength(102);
    answer(250);
    negotiator.timeout(10_000);
    expect(offers).toHaveLength(2);
    want(voices, 10_000);
    expect(offers).toHaveLength(3);
  });

  it('accepts a track of the peer on a section of ours, in an answer as in an offer', () => {
    const { negotiator, offer, offers, sections, want } = setUp();
    offer([DATA, VOICE]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    expect(parseDescription(offers[0]!.offer).sections[2]?.direction).toBe('sendrecv');
    const other = { ...VOICE, mid: 's1', lines: ['a=msid:more track', 'a=ssrc:100 cname:peer'] };
    receiveAnswer(negotiator, peerDescription('answer', [DATA, VOICE, other]), 0);
    expect(sections.all.map(({ receiving }) => receiving?.ssrcs[0])).toEqual([undefined, 99, 100]);
    expect(sections.all[2]?.peerReceives).toBe(true);
    offer([DATA, VOICE, { ...other, direction: 'recvonly' }]);
    expect(sections.all[2]?.receiving).toBeUndefined();
    offer([DATA, VOICE, other]);
    expect(sections.all[2]?.receiving?.ssrcs[0]).toBe(100);
  });

  it('does not count a section without a source as a track', () => {
    const { negotiator, offer, sections, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    receiveAnswer(negotiator, peerDescription('answer', [DATA, { mid: 's1', kind: 'audio', lines: [] }]), 0);
    expect(sections.all[1]).toMatchObject({ peerReceives: true, receiving: undefined });
  });

  it('does not count our own repeated stream as a track, and rejects the section when its sender is gone', () => {
    const { negotiator, offer, offers, sections, want } = setUp();
    const echo: PeerSection = { mid: 's1', kind: 'audio', lines: ['a=msid:a voice_a_12345678'] };
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    receiveAnswer(negotiator, peerDescription('answer', [DATA, echo]), 0);
    expect(sections.all[1]).toMatchObject({ peerReceives: true, receiving: undefined });
    offer([DATA, echo]);
    expect(sections.all[1]?.receiving).toBeUndefined();
    want([], 1_000);
    negotiator.timeout(1_000);
    expect(parseDescription(offers.at(-1)!.offer).sections[1]?.rejected).toBe(true);
  });

  it('accepts an answer that overlooks a rejection the second time, if no other answer is awaited', () => {
    const { negotiator, offer, offers, answer, sections, want } = setUp();
    const [a, b] = [voiceOf('a'), voiceOf('b')];
    const overlooking = peerDescription('answer', [DATA, { mid: 's1', kind: 'audio', direction: 'recvonly' }]);
    offer([DATA]);
    negotiator.allowOffers(0);
    want([a], 0);
    answer(0);
    want([], 1_000);
    negotiator.timeout(1_000);
    receiveAnswer(negotiator, overlooking, 1_000);
    expect(sections.agreed[1]?.rejected).toBe(false);
    expect(offers).toHaveLength(3);
    receiveAnswer(negotiator, overlooking, 1_050);
    expect(sections.agreed[1]?.rejected).toBe(true);
    want([b], 2_000);
    negotiator.timeout(2_000);
    expect(parseDescription(offers.at(-1)!.offer).sections.map(({ mid }) => mid)).toEqual(['0', 's2']);
  });

  it('does not mistake a late answer for one that overlooks a rejection', () => {
    const { negotiator, offer, answer, sections, want } = setUp();
    const late = peerDescription('answer', [DATA, { mid: 's1', kind: 'audio', direction: 'recvonly' }]);
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    negotiator.timeout(10_000);
    negotiator.timeout(10_200);
    answer(10_300);
    want([], 11_000);
    negotiator.timeout(11_000);
    receiveAnswer(negotiator, late, 11_100);
    expect(sections.agreed[1]?.rejected).toBe(false);
    answer(11_200);
    expect(sections.agreed[1]?.rejected).toBe(true);
  });

  it('does not mistake an answer to the copy of an earlier offer for one that overlooks a rejection', () => {
    const { negotiator, offer, offers, sections, want } = setUp();
    const OURS: PeerSection = { mid: 's1', kind: 'audio', direction: 'recvonly' };
    const answer = (version: number, section = OURS) =>
      receiveAnswer(negotiator, versioned(peerDescription('answer', [DATA, section]), version), 1_000 + version);
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    answer(2);
    want([], 1_000);
    negotiator.timeout(1_000);
    answer(3);
    answer(3);
    expect(sections.agreed[1]?.rejected).toBe(false);
    expect(offers).toHaveLength(3);
    answer(4, { ...OURS, rejected: true });
    expect(sections.agreed[1]?.rejected).toBe(true);
  });

  it('does not mistake a copy of the previous answer for one that overlooks a rejection', () => {
    const { negotiator, offer, sections, want } = setUp();
    const first = versioned(peerDescription('answer', [DATA, { mid: 's1', kind: 'audio', direction: 'recvonly' }]), 2);
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    receiveAnswer(negotiator, first, 0);
    want([], 1_000);
    negotiator.timeout(1_000);
    receiveAnswer(negotiator, first, 1_100);
    expect(sections.agreed[1]?.rejected).toBe(false);
  });

  it('drops its offer when an offer of the peer overtakes the answer, and repeats it', () => {
    const { negotiator, offer, offers, sections, want } = setUp();
    const rejecting: PeerSection = { mid: 's1', kind: 'audio', direction: 'inactive', rejected: true };
    const answerOf = (version: number) => versioned(peerDescription('answer', [DATA, rejecting]), version);
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    want([], 1_000);
    negotiator.timeout(10_000);
    const overtaking = versioned(peerDescription('offer', [DATA, { ...VOICE, mid: '2' }]), 4);
    expect(receiveOffer(negotiator, overtaking, () => {}, 10_500)).toBe(false);
    expect(receiveAnswer(negotiator, answerOf(3), 10_600)).toBe(false);
    const offersBefore = offers.length;
    negotiator.timeout(20_500);
    expect(offers.length).toBe(offersBefore + 1);
    expect(receiveAnswer(negotiator, answerOf(5), 20_600)).toBe(true);
    expect(sections.agreed[1]?.rejected).toBe(true);
  });

  it('ignores a late answer that receives where the pending offer no longer sends', () => {
    const { negotiator, offer, want } = setUp();
    const answerAs = (direction: string) => peerDescription('answer', [DATA, { ...VOICE, mid: 's1', direction }]);
    offer([DATA]);
    negotiator.allowOffers(0);
    want([voiceOf('a')], 0);
    negotiator.timeout(10_000);
    negotiator.timeout(10_200);
    expect(receiveAnswer(negotiator, answerAs('sendrecv'), 10_300)).toBe(true);
    want([], 11_000);
    negotiator.timeout(11_000);
    expect(receiveAnswer(negotiator, answerAs('sendrecv'), 11_100)).toBe(false);
    expect(receiveAnswer(negotiator, answerAs('sendonly'), 11_200)).toBe(true);
  });

  it('accepts eight tracks of a peer at a time in an answer', () => {
    const { negotiator, offer, sections, want } = setUp();
    offer([DATA]);
    negotiator.allowOffers(0);
    want(
      Array.from({ length: 12 }, (_, index) => voiceOf(`s${index}`)),
      0,
    );
    const [, ...ours] = sections.all;
    const voices = ours.map(
      ({ mid }): PeerSection => ({ ...VOICE, mid, lines: [`a=ssrc:${mid.slice(1)} cname:peer`] }),
    );
    receiveAnswer(negotiator, peerDescription('answer', [DATA, ...voices]), 0);
    expect(ours.filter(({ receiving }) => receiving)).toHaveLength(8);
    expect(ours.filter(({ peerReceives }) => peerReceives)).toHaveLength(12);
  });

  it('accepts eight tracks of a peer at a time', () => {
    const { offer, sections } = setUp();
    const voices = Array.from(
      { length: 12 },
      (_, index): PeerSection => ({ ...VOICE, mid: String(index + 1), lines: [`a=ssrc:${index + 1} cname:peer`] }),
    );
    offer([DATA, ...voices]);
    expect(sections.all.filter(({ receiving }) => receiving)).toHaveLength(8);
  });

  it('finds a free mid, whatever mids the peer uses', () => {
    const { negotiator, offer, offers, want } = setUp();
    const mids = ['s1', 's2', '3', 's4'];
    offer([DATA, ...mids.map((mid) => ({ ...VOICE, mid }))]);
    negotiator.allowOffers(0);
    want([voiceOf('a'), voiceOf('b')], 0);
    expect(new Set([...mids, '0', ...Object.keys(offers[0]!.map)]).size).toBe(7);
  });
});
