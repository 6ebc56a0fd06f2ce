import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import type { SessionDescription } from '@rtcd/protocol';
import { parse } from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { PeerSignaling } from '../src/signaling/peer-signaling.ts';
import { seededBytes } from '../src/testing/seeded-random.ts';

/**
 * Descriptions of genuine stacks, recorded in November 2026: the first offers of werift 0.24, libwebrtc (@roamhq/wrtc 0.10), libdatachannel
 * (node-datachannel 0.33), aiortc 1.16, GStreamer 1.22, pion 4.2, str0m 0.25 and webrtc-rs 0.14; and the offers of one Chromium 156 and one Firefox 153
 * through 15 renegotiations, with stopped transceivers and recycled sections, and their first offers of each kind; the
 * offers of Mattermost's browser class in three calls.
 */
interface Recorded {
  readonly stack?: string;
  readonly what: string;
  readonly type: 'offer' | 'answer';
  readonly sdp?: string;
}

function recorded(name: string): Recorded[] {
  const text = gunzipSync(readFileSync(new URL(`vectors/sdp-${name}.json.gz`, import.meta.url))).toString();
  return JSON.parse(text).log;
}

const offersOf = (name: string) =>
  recorded(name).flatMap(({ stack = '', what, type, sdp }) =>
    type === 'offer' && sdp !== undefined ? [{ name: `${stack} ${what}`.trim(), sdp }] : [],
  );

function newSignaling(): PeerSignaling {
  const fingerprint = { algorithm: 'sha-256', value: Array(32).fill('AB').join(':') };
  return new PeerSignaling(
    { fingerprint, candidates: [], random: seededBytes(1), maxMessageSizeBytes: 65_536, offersBy: 'client' },
    {
      wanted: () => [],
      sendMediaMap: (_, onDelivered, nowMs) => onDelivered(nowMs),
      sendOffer() {},
      onRemote() {},
      onIceRestart() {},
      onRemoteIce() {},
      onNegotiated() {},
      onFailure() {},
      onLockGrabbed() {},
      onLockReleased() {},
    },
  );
}

function answerTo(signaling: PeerSignaling, sdp: string): string {
  const answers: SessionDescription[] = [];
  expect(signaling.receive({ type: 'offer', sdp }, (answer) => answers.push(answer), 'client', 0)).toBe(true);
  expect(answers).toHaveLength(1);
  return answers[0]!.sdp;
}

const LEGAL_ANSWERS: Readonly<Record<string, readonly string[]>> = {
  sendrecv: ['sendrecv', 'sendonly', 'recvonly', 'inactive'],
  sendonly: ['recvonly', 'inactive'],
  recvonly: ['sendonly', 'inactive'],
  inactive: ['inactive'],
};

/** RFC 3264 section 6 and RFC 9143 section 7.3: an answer has the sections of the offer, and asks for no more than it. */
function expectLegal(answerText: string, offerText: string): void {
  const [answer, offer] = [parse(answerText), parse(offerText)];
  expect(answer.media.map(({ type, mid }) => [type, String(mid)])).toEqual(
    offer.media.map(({ type, mid }) => [type, String(mid)]),
  );
  const bundle = (group?: { readonly mids: string | number }) => (group ? String(group.mids).split(' ') : []);
  const accepted = answer.media.filter(({ port }) => port !== 0).map(({ mid }) => String(mid));
  expect(bundle(answer.groups?.[0])).toEqual(bundle(offer.groups?.[0]).filter((mid) => accepted.includes(mid)));
  for (const [index, { port, direction = 'sendrecv', rtp, type }] of answer.media.entries()) {
    const offered = offer.media[index]!;
    const isOffered = offered.port !== 0 || /bundle-only/.test(JSON.stringify(offered));
    if (!isOffered) expect(port).toBe(0);
    if (port === 0 || type === 'application') continue;
    expect(LEGAL_ANSWERS[offered.direction ?? 'sendrecv']).toContain(direction);
    const offeredFormats = offered.rtp.map(({ payload, codec }) => `${payload} ${codec.toLowerCase()}`);
    for (const { payload, codec } of rtp) expect(offeredFormats).toContain(`${payload} ${codec.toLowerCase()}`);
    if (type === 'video') expectLegalVideo(answer.media[index]!, offered);
  }
}

type Media = ReturnType<typeof parse>['media'][number];

/** RFC 4588 section 8.1, RFC 8285 section 5, RFC 8853 section 5.3.2, and VP8 in front where there is a choice. */
function expectLegalVideo({ rtp, fmtp, ext = [], rids = [], simulcast, rtcpFb = [] }: Media, offered: Media): void {
  const names = rtp.map(({ codec }) => codec);
  if (offered.rtp.some(({ codec }) => codec === 'VP8')) expect(names[0]).toBe('VP8');
  for (const { payload, codec } of rtp) {
    if (codec !== 'rtx') continue;
    const config = fmtp.find((line) => line.payload === payload)?.config;
    expect(config).toBe(offered.fmtp.find((line) => line.payload === payload)?.config);
    expect(rtp.map((line) => `apt=${line.payload}`)).toContain(config);
  }
  const offeredExtensions = offered.ext?.map(({ value, uri }) => `${value} ${uri}`);
  for (const { value, uri } of ext) expect(offeredExtensions).toContain(`${value} ${uri}`);
  const offeredFeedback = offered.rtcpFb?.map((line) => `${line.payload} ${line.type} ${line.subtype}`);
  for (const line of rtcpFb) expect(offeredFeedback).toContain(`${line.payload} ${line.type} ${line.subtype}`);
  expect(rids.map(({ id, direction }) => [id, direction])).toEqual(offered.rids?.map(({ id }) => [id, 'recv']) ?? []);
  // The offer's '~' says that an encoding pauses. In an answer it would ask for that.
  expect(simulcast?.list1).toBe(offered.simulcast?.list1.replaceAll('~', ''));
  expect(simulcast?.dir1).toBe(offered.simulcast ? 'recv' : undefined);
}

describe('the first offer of', () => {
  it.each(offersOf('stacks-first-offers'))('$name is answered legally', ({ sdp }) => {
    expectLegal(answerTo(newSignaling(), sdp), sdp);
  });
});

describe.each(['chromium156-first-offers', 'firefox153-first-offers'])('each first offer of %s', (name) => {
  it.each(offersOf(name))('$name is answered legally', ({ sdp }) => {
    const answer = answerTo(newSignaling(), sdp);
    expectLegal(answer, sdp);
    const [video, offered] = [answer, sdp].map((text) => parse(text).media.find(({ type }) => type === 'video'));
    expect(video?.port).toBe(offered && 9);
  });
});

describe('all offers of one connection', () => {
  it.each(['chromium156-sequence', 'firefox153-sequence'])(
    'of %s are answered legally, recycled sections included',
    (name) => {
      const signaling = newSignaling();
      const offers = offersOf(name);
      expect(offers.length).toBeGreaterThan(14);
      for (const { sdp } of offers) expectLegal(answerTo(signaling, sdp), sdp);
    },
  );
});

describe("all offers of a peer of Mattermost's browser class", () => {
  const offers = Map.groupBy(recorded('mattermost-offers'), ({ stack }) => stack ?? '');
  it.each([...offers.keys()])('in a call with %s are answered legally, each video of its own accepted', (peer) => {
    const signaling = newSignaling();
    for (const { sdp = '' } of offers.get(peer)!) {
      const answer = answerTo(signaling, sdp);
      expectLegal(answer, sdp);
      const [answered, offered] = [answer, sdp].map((text) => parse(text).media);
      for (const [index, { type, direction, msid }] of offered!.entries()) {
        const isSent =
          type === 'video' && direction?.startsWith('send') && msid && !JSON.stringify(msid).includes('"-');
        if (isSent) expect(answered![index]).toMatchObject({ port: 9, direction: 'recvonly' });
      }
    }
  });
});

describe('the memory of a session', () => {
  it('has nothing of the text of offers once they are answered', () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const heapUsed = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const offers = offersOf('stacks-first-offers');
    const before = heapUsed();
    const sessions = offers.map(({ sdp }) => {
      const signaling = newSignaling();
      answerTo(signaling, sdp.replace('s=-', `s=-\r\ni=${Buffer.alloc(900_000, 'x').toString('latin1')}`));
      return signaling;
    });
    const kept = heapUsed() - before;
    expect(sessions).toHaveLength(offers.length);
    expect(kept / offers.length).toBeLessThan(100_000);
  });
});
