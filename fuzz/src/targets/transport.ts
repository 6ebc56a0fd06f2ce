import { ByteReader } from '../../../packages/rtc/src/dtls/byte-reader.ts';
import * as certificates from '../../../packages/rtc/src/dtls/messages/certificate-message.ts';
import * as hellos from '../../../packages/rtc/src/dtls/messages/client-hello.ts';
import * as extensions from '../../../packages/rtc/src/dtls/messages/extensions.ts';
import { findFinished } from '../../../packages/rtc/src/dtls/messages/finished.ts';
import { parseHandshakeFragments } from '../../../packages/rtc/src/dtls/messages/handshake-message.ts';
import * as keys from '../../../packages/rtc/src/dtls/messages/key-exchange.ts';
import { parseServerHello, writeServerHello } from '../../../packages/rtc/src/dtls/messages/server-hello.ts';
import { parseRecords } from '../../../packages/rtc/src/dtls/record/record.ts';
import { formatCandidate, parseCandidate } from '../../../packages/rtc/src/ice/candidate.ts';
import { LENGTH_OFFSET, STUN_HEADER_SIZE } from '../../../packages/rtc/src/stun/attributes.ts';
import { parseBindingResponse } from '../../../packages/rtc/src/stun/binding.ts';
import { localUfragOf } from '../../../packages/rtc/src/stun/local-ufrag.ts';
import { parseStunMessage } from '../../../packages/rtc/src/stun/message.ts';
import { writeAttributes, writeStunMessage } from '../../../packages/rtc/src/stun/write.ts';
import { classify } from '../../../packages/rtc/src/transport/demux.ts';
import { ChannelDataWriter, channelDataLength } from '../../../packages/rtc/src/turn/channel-data.ts';
import { TurnClient } from '../../../packages/rtc/src/turn/client.ts';
import { parseTurnMessage, type TurnFields, turnAttributes } from '../../../packages/rtc/src/turn/message.ts';
import { StreamReader } from '../../../packages/rtc/src/turn/stream-reader.ts';
import { parseTurnUrl } from '../../../packages/rtc/src/turn/turn-url.ts';
import { CHROMIUM_CLIENT_HELLO } from '../../../packages/rtc/test/vectors/chromium-client-hello.ts';
import { DATAGRAMS } from '../../../packages/rtc/test/vectors/openssl-dtls12.ts';
import * as rfc5769 from '../../../packages/rtc/test/vectors/rfc5769.ts';
import { isWhole, rule, ruleOfRoundTrip } from '../rules.ts';
import type { FuzzTarget } from '../target.ts';

const RTC = 'packages/rtc/src';
const datagrams = (): Buffer[] => [...Object.values(DATAGRAMS), ...CHROMIUM_CLIENT_HELLO];

/** The length field right, so that mutations are not refused for that alone. */
function withStunLength(input: Buffer): Buffer {
  const message = Buffer.from(input.subarray(0, input.length & ~3));
  if (message.length >= STUN_HEADER_SIZE) message.writeUInt16BE(message.length - STUN_HEADER_SIZE, LENGTH_OFFSET);
  return message;
}

const STUN: FuzzTarget = {
  name: 'stun',
  sources: ['message', 'address', 'local-ufrag', 'binding', 'fingerprint'].map((file) => `${RTC}/stun/${file}.ts`),
  seeds: () => [
    rfc5769.REQUEST,
    rfc5769.IPV4_RESPONSE,
    rfc5769.IPV6_RESPONSE,
    rfc5769.LONG_TERM_REQUEST,
    writeStunMessage({
      messageClass: 'error',
      method: 1,
      transactionId: rfc5769.TRANSACTION_ID,
      errorCode: { code: 487, reason: 'Role Conflict' },
      unknownAttributes: [1, 2],
      useCandidate: true,
      iceControlling: 1n,
    }),
  ],
  parse(input) {
    const message = withStunLength(input);
    const parsed = parseStunMessage(message);
    if (parsed !== undefined) {
      const { username = '', errorCode, transactionId } = parsed;
      rule(parsed.integrityOffset < message.length, 'MESSAGE-INTEGRITY lies outside the message');
      parseBindingResponse(message, transactionId);
      if (isWhole(username) && isWhole(errorCode?.reason ?? '')) {
        const again = parseStunMessage(writeStunMessage(parsed));
        const { integrityOffset, hasFingerprint, unknownRequired, mappedAddress, ...fields } = parsed;
        for (const [name, value] of Object.entries(fields)) {
          ruleOfRoundTrip(value, Object(again)[name]);
        }
      }
    }
    return [parseStunMessage(input), parsed, localUfragOf(message)];
  },
};

/** Answers to the first request of a TURN client with this transaction id. */
function turnAnswer(
  messageClass: 'success' | 'error' | 'indication',
  method: number,
  fields: TurnFields,
  code = 0,
): Buffer {
  const header = { messageClass, method, transactionId: rfc5769.TRANSACTION_ID };
  const error = code === 0 ? [] : [[9, Buffer.from([0, 0, Math.trunc(code / 100), code % 100])] as const];
  return writeAttributes(header, [...error, ...turnAttributes(fields, rfc5769.TRANSACTION_ID)]);
}

const TURN: FuzzTarget = {
  name: 'turn',
  sources: [
    'message',
    'channel-data',
    'stream-reader',
    'client',
    'long-term-credentials',
    'permissions',
    'channels',
  ].map((file) => `${RTC}/turn/${file}.ts`),
  seeds: () => {
    const [relayed, peer] = [
      { address: '203.0.113.1', port: 50_000 },
      { address: '2001:db8::7', port: 5000 },
    ];
    return [
      turnAnswer('error', 3, { realm: 'example.org', nonce: Buffer.from('abc') }, 401),
      turnAnswer(
        'error',
        3,
        { realm: 'r', nonce: Buffer.from('obMatJos2gAAAx'), passwordAlgorithms: Buffer.from([0, 2, 0, 0]) },
        438,
      ),
      turnAnswer('success', 3, { xorRelayedAddress: relayed, xorMappedAddress: peer, lifetimeSeconds: 600 }),
      turnAnswer('indication', 7, { xorPeerAddress: peer, data: Buffer.from('data') }),
      turnAnswer('success', 9, { channelNumber: 0x4000, xorPeerAddress: peer, requestsUdp: true }),
      Buffer.from(new ChannelDataWriter(100, true).write(0x4000, Buffer.from('data!'))),
      rfc5769.LONG_TERM_REQUEST,
    ];
  },
  parse(input) {
    const message = withStunLength(input);
    const parsed = parseTurnMessage(message);
    if (parsed && isWhole(parsed.realm ?? '')) {
      const again = parseTurnMessage(writeAttributes(parsed, turnAttributes(parsed, parsed.transactionId)));
      const { errorCode, integrityOffset, integritySha256Offset, unknownRequired, ...fields } = parsed;
      for (const [name, value] of Object.entries(fields)) ruleOfRoundTrip(value, Object(again)[name]);
    }
    const length = channelDataLength(input);
    rule(length < 0 || length <= input.length - 4, 'channel data reaches beyond its message');
    parseTurnUrl(input.toString('latin1'));
    return [parsed, inStream(input), ...[message, input].map(toClient)];
  },
};

/** The stream is read the same in pieces as at once. */
function inStream(input: Buffer): number {
  const read = (sizeBytes: number): string[] => {
    const messages: string[] = [];
    const reader = new StreamReader((bytes) => void messages.push(bytes.toString('hex')));
    for (let at = 0; at < input.length; at += sizeBytes) reader.receive(input.subarray(at, at + sizeBytes));
    return messages;
  };
  const messages = read(input.length);
  ruleOfRoundTrip(messages, read(3));
  return messages.length;
}

/** A client that has asked for its allocation sends nothing but requests, however it is answered. */
function toClient(input: Buffer): unknown {
  let transmitted = 0;
  const client = new TurnClient(
    {
      credentials: { username: 'u', credential: 'p' },
      isReliable: true,
      random: () => Buffer.from(rfc5769.TRANSACTION_ID),
    },
    {
      transmit: (bytes) => {
        transmitted++;
        rule(parseTurnMessage(Buffer.from(bytes))?.messageClass === 'request', 'what is sent is no request');
      },
      onAllocated: ({ relayed }) => rule(relayed.port > 0, 'an address with port 0 was allocated'),
      onFailed: () => {},
      onData: () => rule(false, 'data of a peer without permission'),
    },
  );
  client.allocate(0);
  for (let times = 0; times < 10; times++) client.receive(Buffer.from(input), 0);
  rule(transmitted <= 5, `${transmitted} requests for one allocation`);
  return { ...client.stats };
}

const DTLS_RECORDS: FuzzTarget = {
  name: 'dtls-records',
  sources: [
    `${RTC}/dtls/record/record.ts`,
    `${RTC}/dtls/messages/handshake-message.ts`,
    `${RTC}/dtls/messages/finished.ts`,
  ],
  seeds: datagrams,
  parse(input) {
    const records = parseRecords(input);
    return records.map((record) => [record, parseHandshakeFragments(record.payload), findFinished(record.payload, 0)]);
  },
};

const HANDSHAKE_HEADER_BYTES = 12;

/** Each parser by what it returns, written again. */
const DTLS_MESSAGES: FuzzTarget = {
  name: 'dtls-messages',
  sources: ['client-hello', 'server-hello', 'certificate-message', 'key-exchange', 'extensions'].map(
    (file) => `${RTC}/dtls/messages/${file}.ts`,
  ),
  seeds: () =>
    datagrams().flatMap((datagram) =>
      parseRecords(datagram).flatMap(({ payload }) => parseHandshakeFragments(payload).map(({ body }) => body)),
    ),
  parse(input) {
    const clientHello = hellos.parseClientHello(input);
    if (clientHello) ruleOfRoundTrip(clientHello, hellos.parseClientHello(hellos.writeClientHello(clientHello)));
    const serverHello = parseServerHello(input);
    if (serverHello) ruleOfRoundTrip(serverHello, parseServerHello(writeServerHello(serverHello)));
    const certificate = certificates.parseCertificate(input);
    const verify = certificates.parseCertificateVerify(input);
    if (verify) {
      ruleOfRoundTrip(verify, certificates.parseCertificateVerify(certificates.writeCertificateVerify(verify)));
    }
    const serverKeys = keys.parseServerKeyExchange(input);
    if (serverKeys) ruleOfRoundTrip(serverKeys, keys.parseServerKeyExchange(keys.writeServerKeyExchange(serverKeys)));
    const clientKeys = keys.parseClientKeyExchange(input);
    if (clientKeys) ruleOfRoundTrip(clientKeys, keys.parseClientKeyExchange(keys.writeClientKeyExchange(clientKeys)));
    return [
      clientHello,
      hellos.parseHelloVerifyRequest(input),
      serverHello,
      certificate,
      certificates.parseCertificateRequest(input),
      verify,
      serverKeys,
      clientKeys,
      extensions.parseExtensions(new ByteReader(input)),
      extensions.parseCodePoints(input),
      extensions.parseUseSrtp(input),
    ];
  },
  maxValues: (inputBytes) => 256 + HANDSHAKE_HEADER_BYTES * inputBytes,
};

const CANDIDATE: FuzzTarget = {
  name: 'ice-candidate',
  sources: [`${RTC}/ice/candidate.ts`],
  seeds: () =>
    [
      'candidate:1 1 udp 2130706431 192.0.2.1 54321 typ host generation 0 ufrag EEtu network-id 1',
      'a=candidate:2 1 UDP 1694498815 203.0.113.7 3 typ srflx raddr 192.0.2.1 rport 9',
      '3 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active',
      'candidate:4 1 udp 41885439 name.local 1 typ relay raddr 0.0.0.0 rport 0',
    ].map((text) => Buffer.from(text)),
  parse(input) {
    const candidate = parseCandidate(input.toString('latin1'));
    if (candidate) {
      const { relatedPort = 0 } = candidate;
      rule(candidate.port <= 0xffff && Number.isInteger(relatedPort), 'a port is no number');
      ruleOfRoundTrip(candidate, parseCandidate(formatCandidate(candidate)));
    }
    return candidate;
  },
};

const DEMUX: FuzzTarget = {
  name: 'demux',
  sources: [`${RTC}/transport/demux.ts`],
  seeds: () => [rfc5769.REQUEST, DATAGRAMS.clientHello, Buffer.from([0x80, 111]), Buffer.from([0x80, 200])],
  parse: (input) => classify(input),
};

/** Datagrams before they are authenticated, and candidates. */
export const TRANSPORT_TARGETS: readonly FuzzTarget[] = [DEMUX, STUN, TURN, DTLS_RECORDS, DTLS_MESSAGES, CANDIDATE];
