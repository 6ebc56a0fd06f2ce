import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownSections } from './known-sections.ts';
import { parseDescription } from './parse.ts';

const FINGERPRINT = Array(32).fill('AB').join(':');
const MIDS = Array.from({ length: 12 }, (_, index) => `${index}`);

interface Shape {
  readonly mids?: readonly string[];
  /** Mids in the BUNDLE group. */
  readonly bundled?: readonly string[];
  readonly allowsMixedInAll?: boolean;
  /** Mids of the sections on which the peer sends. */
  readonly sending?: readonly string[];
}

const offer = ({ mids = MIDS, bundled = mids, allowsMixedInAll = false, sending = [] }: Shape) => ({
  type: 'offer' as const,
  sdp: [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundled.join(' ')}`,
    ...(allowsMixedInAll ? ['a=extmap-allow-mixed'] : []),
    'a=ice-ufrag:abcd',
    `a=ice-pwd:${'p'.repeat(22)}`,
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    ...mids.flatMap((mid) => [
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      `a=mid:${mid}`,
      sending.includes(mid) ? 'a=sendonly' : 'a=recvonly',
      'a=rtpmap:111 opus/48000/2',
    ]),
    '',
  ].join('\r\n'),
});

const shapes: fc.Arbitrary<Shape> = fc.record({
  mids: fc.subarray(MIDS, { minLength: 1 }),
  allowsMixedInAll: fc.boolean(),
  sending: fc.subarray(MIDS),
});

describe('KnownSections', () => {
  it('keeps the objects of sections that a description repeats, and of no others', () => {
    const known = new KnownSections();
    const before = parseDescription(offer({}), known).sections;
    const { sections } = parseDescription(offer({ sending: ['3'] }), known);
    const repeated = MIDS.filter((_, index) => sections[index] === before[index]);
    expect(repeated).toEqual(MIDS.filter((mid) => mid !== '3'));
    expect(sections[3]).toEqual({ ...before[3], direction: 'sendonly' });
  });

  it('forgets sections that a description leaves out', () => {
    const known = new KnownSections();
    const [first] = parseDescription(offer({}), known).sections;
    parseDescription(offer({ mids: MIDS.slice(1) }), known);
    const [again] = parseDescription(offer({}), known).sections;
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('remembers nothing of a short description', () => {
    const known = new KnownSections();
    const short = offer({ mids: ['0', '1'] });
    const [first] = parseDescription(short, known).sections;
    expect(parseDescription(short, known).sections[0]).not.toBe(first);
  });

  it('never changes what is read', () => {
    fc.assert(
      fc.property(fc.array(shapes, { maxLength: 6 }), fc.func(fc.boolean()), (descriptions, isBundled) => {
        const known = new KnownSections();
        for (const shape of descriptions) {
          const [tagged = '', ...others] = shape.mids ?? MIDS;
          const description = offer({ ...shape, bundled: [tagged, ...others.filter((mid) => isBundled(shape, mid))] });
          expect(parseDescription(description, known)).toEqual(parseDescription(description));
        }
      }),
    );
  });
});
