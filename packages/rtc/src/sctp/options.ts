import { randomBytes } from 'node:crypto';
import { SctpError } from './errors.ts';
import { MAX_PACKET_BYTES } from './wire/packet.ts';

/** The SCTP port of a peer that does not name one (RFC 8841 section 5), and ours. */
export const DEFAULT_SCTP_PORT = 5000;
/** Size limit of messages of a peer that announces none (RFC 8841 section 6.1), and ours. */
export const DEFAULT_MAX_MESSAGE_BYTES = 65_536;
// Minimum path MTU of IPv6 1280, less IPv6 and UDP headers (48), DTLS record with AES-GCM (37) and some for TURN.
const DEFAULT_MAX_PACKET_BYTES = 1148;
const MIN_PACKET_BYTES = 512;
const DEFAULT_SEND_QUEUE_BYTES = 1_048_576;
// Several messages of full size may be under way at once.
const WINDOW_MESSAGES = 4;
const MIN_WINDOW_BYTES = 131_072;

export interface SctpAssociationOptions {
  /** `a=sctp-port` of our description; 5000 unless given. */
  readonly localPort?: number;
  /** `a=sctp-port` of the peer's description; 5000 unless given. */
  readonly remotePort?: number;
  /** The largest message taken, announced as `a=max-message-size`; 65,536 unless given. A larger one ends the association. */
  readonly maxMessageSizeBytes?: number;
  /** The peer's `a=max-message-size`; 0 if it takes any; 65,536 unless given. */
  readonly remoteMaxMessageSizeBytes?: number;
  /** The largest packet sent: what one DTLS record may carry within the path MTU; 1148 unless given, in steps of four. */
  readonly maxPacketSizeBytes?: number;
  /** Bytes of messages, 64 more for each, that may wait to be sent or acknowledged; 1 MiB unless given. */
  readonly sendQueueSizeBytes?: number;
  /** Source of tags, TSNs and the cookie key; node:crypto unless given. */
  readonly random?: (size: number) => Uint8Array;
}

export interface SctpSettings extends Required<SctpAssociationOptions> {
  /** Our receiver window. */
  readonly windowSizeBytes: number;
}

/** The options with their defaults. Throws `SctpError` `invalid_option` for what makes no sense. */
export function sctpSettings(options: SctpAssociationOptions): SctpSettings {
  const maxMessageSizeBytes = options.maxMessageSizeBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
  const settings: SctpSettings = {
    localPort: options.localPort ?? DEFAULT_SCTP_PORT,
    remotePort: options.remotePort ?? DEFAULT_SCTP_PORT,
    maxMessageSizeBytes,
    remoteMaxMessageSizeBytes: options.remoteMaxMessageSizeBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    maxPacketSizeBytes: (options.maxPacketSizeBytes ?? DEFAULT_MAX_PACKET_BYTES) & ~3,
    sendQueueSizeBytes: options.sendQueueSizeBytes ?? DEFAULT_SEND_QUEUE_BYTES,
    random: options.random ?? randomBytes,
    windowSizeBytes: Math.max(MIN_WINDOW_BYTES, WINDOW_MESSAGES * maxMessageSizeBytes),
  };
  check(settings, 'localPort', 1, 65_535);
  check(settings, 'remotePort', 1, 65_535);
  check(settings, 'maxMessageSizeBytes', 1, 2 ** 28);
  check(settings, 'remoteMaxMessageSizeBytes', 0, Number.MAX_SAFE_INTEGER);
  check(settings, 'maxPacketSizeBytes', MIN_PACKET_BYTES, MAX_PACKET_BYTES);
  check(settings, 'sendQueueSizeBytes', 1, 2 ** 31);
  return settings;
}

type NumericSetting = Exclude<keyof SctpSettings, 'random'>;

function check(settings: SctpSettings, name: NumericSetting, least: number, most: number): void {
  const value = settings[name];
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new SctpError('invalid_option', `${name} must be an integer from ${least} to ${most}, not ${value}`);
}
