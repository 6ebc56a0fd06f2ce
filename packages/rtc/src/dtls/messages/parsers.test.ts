import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATAGRAMS } from '../../../test/vectors/openssl-dtls12.ts';
import { PEER_SIGNATURE_SCHEMES } from '../crypto/signature.ts';
import { DTLS_1_0, parseRecords } from '../record/record.ts';
import {
  parseCertificate,
  parseCertificateRequest,
  parseCertificateVerify,
  writeCertificate,
  writeCertificateRequest,
  writeCertificateVerify,
} from './certificate-message.ts';
import {
  parseClientHello,
  parseHelloVerifyRequest,
  writeClientHello,
  writeHelloVerifyRequest,
} from './client-hello.ts';
import { messageBody, parseHandshakeFragments, writeHandshakeMessage } from './handshake-message.ts';
import {
  parseClientKeyExchange,
  parseServerKeyExchange,
  writeClientKeyExchange,
  writeServerKeyExchange,
} from './key-exchange.ts';
import { parseServerHello, writeServerHello } from './server-hello.ts';

/** One message of the recorded session: its body. */
function recorded(name: keyof typeof DATAGRAMS, record = 0): Buffer {
  return messageBody(parseRecords(DATAGRAMS[name])[record]!.payload);
}

/** A parser and its writer, with the type that is between them hidden. */
interface Codec {
  readonly name: string;
  readonly sample: Buffer;
  /** Undefined if the parser refuses. */
  rewrite(body: Uint8Array): Buffer | undefined;
}

function codec<T>(sample: Buffer, parse: (body: Uint8Array) => T | undefined, write: (value: T) => Buffer): Codec {
  return {
    name: parse.name,
    sample,
    rewrite(body) {
      const value = parse(body);
      return value === undefined ? undefined : write(value);
    },
  };
}

const codecs = [
  codec(recorded('clientHello'), parseClientHello, writeClientHello),
  codec(recorded('clientHelloWithCookie'), parseClientHello, writeClientHello),
  codec(recorded('helloVerifyRequest'), parseHelloVerifyRequest, (cookie) => writeHelloVerifyRequest(DTLS_1_0, cookie)),
  codec(recorded('serverFlight', 0), parseServerHello, writeServerHello),
  codec(recorded('serverFlight', 1), parseCertificate, writeCertificate),
  codec(recorded('serverFlight', 2), parseServerKeyExchange, writeServerKeyExchange),
  codec(writeCertificateRequest(PEER_SIGNATURE_SCHEMES), parseCertificateRequest, ({ signatureSchemes }) =>
    writeCertificateRequest(signatureSchemes),
  ),
  codec(recorded('clientFlight', 0), parseCertificate, writeCertificate),
  codec(recorded('clientFlight', 1), parseClientKeyExchange, writeClientKeyExchange),
  codec(recorded('clientFlight', 2), parseCertificateVerify, writeCertificateVerify),
];

describe.each(codecs)('$name', ({ sample, rewrite }) => {
  it('reads a message so that it can be written again', () => {
    expect(rewrite(sample)).toEqual(sample);
  });

  it('refuses a message that is truncated, or followed by more bytes', () => {
    // A hello without extensions is a whole one, so that one prefix may be.
    const accepted = Array.from({ length: sample.length }, (_, size) => rewrite(sample.subarray(0, size))).filter(
      Boolean,
    );
    expect(accepted.length).toBeLessThanOrEqual(1);
    expect(rewrite(Buffer.concat([sample, Buffer.of(0)]))).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void rewrite(bytes)));
    const flips = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(flips, (changes) => {
        const bent = Buffer.from(sample);
        for (const [at, value] of changes) bent[at] = value;
        rewrite(bent);
      }),
    );
  });
});

describe('parseClientHello', () => {
  it('refuses an extension that comes twice', () => {
    const hello = parseClientHello(recorded('clientHello'));
    const extension = Buffer.of(0, 23, 0, 0);
    const doubled = Buffer.concat([
      writeClientHello({ ...hello!, extensions: new Map() }).subarray(0, -2),
      Buffer.of(0, 8),
      extension,
      extension,
    ]);
    expect(parseClientHello(doubled)).toBeUndefined();
  });
});

describe('parseHandshakeFragments', () => {
  it('reads several messages of one record', () => {
    const messages = [writeHandshakeMessage(11, 1, Buffer.from('one')), writeHandshakeMessage(14, 2, Buffer.alloc(0))];
    const fragments = parseHandshakeFragments(Buffer.concat(messages));
    expect(fragments.map(({ type, messageSeq, body }) => [type, messageSeq, body.toString()])).toEqual([
      [11, 1, 'one'],
      [14, 2, ''],
    ]);
  });

  it('lets no fragment reach beyond its message', () => {
    const message = writeHandshakeMessage(11, 1, Buffer.from('one'));
    message.writeUIntBE(1, 6, 3);
    expect(parseHandshakeFragments(message)).toEqual([]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const { length, fragmentOffset, body } of parseHandshakeFragments(bytes)) {
          expect(fragmentOffset + body.length).toBeLessThanOrEqual(length);
        }
      }),
    );
  });
});
