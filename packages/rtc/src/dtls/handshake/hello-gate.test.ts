import { describe, expect, it } from 'vitest';
import { CHROMIUM_CLIENT_HELLO } from '../../../test/vectors/chromium-client-hello.ts';
import { BROWSER_OFFER, newClientHello } from '../../peer/dtls-offer.ts';
import { seededBytes } from '../../testing/seeded-random.ts';
import { NamedGroup } from '../crypto/key-share.ts';
import { parseClientHello, parseHelloVerifyRequest, RANDOM_SIZE, writeClientHello } from '../messages/client-hello.ts';
import {
  type HandshakeFragment,
  HandshakeType,
  messageBody,
  parseHandshakeFragments,
  writeHandshakeMessage,
} from '../messages/handshake-message.ts';
import { parseRecords } from '../record/record.ts';
import { HelloAssembler } from './hello-assembler.ts';
import { HelloGate } from './hello-gate.ts';
import { negotiate } from './negotiation.ts';

const hello = newClientHello(BROWSER_OFFER, Buffer.alloc(RANDOM_SIZE, 1));

function fragment(body: Buffer, messageSeq = 0): HandshakeFragment {
  return parseHandshakeFragments(writeHandshakeMessage(HandshakeType.clientHello, messageSeq, body))[0]!;
}

/** A gate, and the cookie with which it lets the hello through. */
function gateAndCookie() {
  const gate = new HelloGate(seededBytes(1));
  const outcome = gate.add(fragment(writeClientHello(hello)), 0);
  if (outcome.kind !== 'cookie_needed') throw new Error(outcome.kind);
  const { body } = parseHandshakeFragments(parseRecords(outcome.request)[0]!.payload)[0]!;
  return { gate, cookie: parseHelloVerifyRequest(body)! };
}

describe('HelloGate', () => {
  it('lets a hello through with its cookie', () => {
    const { gate, cookie } = gateAndCookie();
    const message = writeClientHello({ ...hello, cookie });
    expect(gate.add(fragment(message, 1), 1)).toMatchObject({
      kind: 'admitted',
      hello: { random: hello.random },
      message: writeHandshakeMessage(HandshakeType.clientHello, 1, message),
    });
    expect(gate.bufferedBytes).toBe(0);
  });

  it.each([
    ['altered', (cookie: Buffer) => Buffer.from(cookie).fill(0, 0, 1)],
    ['cut off', (cookie: Buffer) => cookie.subarray(1)],
    ['of another gate', () => Buffer.alloc(20, 7)],
  ])('requests the cookie again if it is %s', (_, change) => {
    const { gate, cookie } = gateAndCookie();
    const wrong = writeClientHello({ ...hello, cookie: change(cookie) });
    expect(gate.add(fragment(wrong, 1), 1).kind).toBe('cookie_needed');
  });

  it('ignores a hello in a record whose number leaves no room for the answer', () => {
    const { gate, cookie } = gateAndCookie();
    const message = fragment(writeClientHello({ ...hello, cookie }), 1);
    expect(gate.add(message, 2 ** 48 - 1).kind).toBe('nothing');
    expect(gate.add(message, 2 ** 40).kind).toBe('admitted');
  });

  it("accepts Chromium's hello, which arrives in two pieces, and finds everything needed in it", () => {
    const gate = new HelloGate(seededBytes(1));
    const [first, second] = CHROMIUM_CLIENT_HELLO.flatMap(parseRecords);
    expect(gate.add(parseHandshakeFragments(first!.payload)[0]!, first!.sequence).kind).toBe('nothing');
    const outcome = gate.add(parseHandshakeFragments(second!.payload)[0]!, second!.sequence);
    if (outcome.kind !== 'cookie_needed') throw new Error(outcome.kind);

    const assembler = new HelloAssembler();
    assembler.add(parseHandshakeFragments(first!.payload)[0]!);
    const chromiumHello = parseClientHello(messageBody(assembler.add(parseHandshakeFragments(second!.payload)[0]!)!))!;
    const { body } = parseHandshakeFragments(parseRecords(outcome.request)[0]!.payload)[0]!;
    const withCookie = writeClientHello({ ...chromiumHello, cookie: parseHelloVerifyRequest(body)! });
    expect(gate.add(fragment(withCookie, 1), 2).kind).toBe('admitted');
    expect(negotiate(chromiumHello)).toMatchObject({ group: NamedGroup.x25519, srtpProfile: 'AEAD_AES_128_GCM' });
  });

  it('recognizes a malformed hello', () => {
    expect(gateAndCookie().gate.add(fragment(Buffer.alloc(60, 0xff)), 0).kind).toBe('malformed');
  });
});
