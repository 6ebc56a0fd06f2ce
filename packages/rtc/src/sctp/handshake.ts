import { openCookie, type PeerInit, sealCookie } from './cookie.ts';
import type { SctpSettings } from './options.ts';
import { MAX_STREAMS } from './peer-link.ts';
import { CauseCode } from './wire/cause.ts';
import { ChunkType, encodeChunk } from './wire/chunk.ts';
import { encodeInit, type Init, type InitFields, readInit } from './wire/init.ts';
import { COMMON_HEADER_BYTES } from './wire/packet.ts';
import { encodeParameters, type OutgoingParameter, ParameterType } from './wire/parameter.ts';

const COOKIE_KEY_BYTES = 32;
// RFC 9260 section 5.1: a smaller window cannot be meant.
const MIN_PEER_WINDOW_BYTES = 1500;
// What we quote at most of what we do not know: enough to recognise it, too little to be an amplifier.
const MAX_REPORT_BYTES = 256;

/** Our side of the handshake, the same towards every INIT (RFC 9260 section 5.2.1), and the messages made from it. */
export class Handshake {
  readonly localTag: number;
  readonly initialTsn: number;
  readonly #settings: SctpSettings;
  readonly #cookieKey: Uint8Array;

  constructor(settings: SctpSettings) {
    const numbers = Buffer.from(settings.random(8));
    this.#settings = settings;
    // Zero is the tag of packets with an INIT (section 8.5.1).
    this.localTag = numbers.readUInt32BE(0) || 1;
    this.initialTsn = numbers.readUInt32BE(4);
    this.#cookieKey = settings.random(COOKIE_KEY_BYTES);
  }

  initChunk(): Buffer {
    return encodeInit(ChunkType.Init, this.#announcement());
  }

  /** The INIT ACK for an INIT and the tag to send it with; nothing kept. Undefined if the INIT is not acceptable. */
  answerInit(value: Buffer, nowMs: number): { readonly chunk: Buffer; readonly peerTag: number } | undefined {
    const init = acceptable(readInit(value));
    if (init === undefined) return undefined;
    const cookie = { type: ParameterType.StateCookie, value: sealCookie(init, this.#cookieKey, nowMs) };
    const unrecognized = init.unrecognized.map((parameter) => ({
      type: ParameterType.UnrecognizedParameter,
      value: encodeParameters([parameter]),
    }));
    const chunk = encodeInit(ChunkType.InitAck, this.#announcement(), [...reportable(unrecognized), cookie]);
    return { chunk, peerTag: init.initiateTag };
  }

  /** The COOKIE ECHO for an INIT ACK, its parameters of the peer, and causes to report. Undefined if it is not acceptable. */
  answerInitAck(
    value: Buffer,
  ):
    | { readonly peer: PeerInit; readonly chunk: Buffer; readonly unrecognized: readonly OutgoingParameter[] }
    | undefined {
    const init = acceptable(readInit(value));
    if (init?.cookie === undefined) return undefined;
    const chunk = encodeChunk(ChunkType.CookieEcho, 0, init.cookie);
    if (chunk.length > this.#settings.maxPacketSizeBytes - COMMON_HEADER_BYTES) return undefined;
    const unrecognized = init.unrecognized.map((parameter) => ({
      type: CauseCode.UnrecognizedParameters,
      value: encodeParameters([parameter]),
    }));
    return { peer: init, chunk, unrecognized: reportable(unrecognized) };
  }

  /** Contents of the INIT for which we sealed this cookie. */
  openCookie(cookie: Buffer, nowMs: number): PeerInit | undefined {
    return openCookie(cookie, this.#cookieKey, nowMs);
  }

  #announcement(): InitFields {
    return {
      initiateTag: this.localTag,
      receiverWindowBytes: this.#settings.windowSizeBytes,
      outboundStreams: MAX_STREAMS,
      inboundStreams: MAX_STREAMS,
      initialTsn: this.initialTsn,
    };
  }
}

/** As many reports as fit the bound, in front of everything else. */
export function reportable(reports: readonly OutgoingParameter[]): OutgoingParameter[] {
  const taken: OutgoingParameter[] = [];
  let bytes = 0;
  for (const report of reports) {
    bytes += report.value.length;
    if (bytes > MAX_REPORT_BYTES) break;
    taken.push(report);
  }
  return taken;
}

function acceptable(init: Init | undefined): Init | undefined {
  return init !== undefined && init.receiverWindowBytes >= MIN_PEER_WINDOW_BYTES ? init : undefined;
}
