import { type Clock, check, type Logger, silentLogger, systemClock, validate } from '@rtcd/boundary';
import { type BindAddress, openPacketIo } from '@rtcd/packet-io';
import { newID } from '@rtcd/protocol';
import { Call } from './call.ts';
import { ParticipantError } from './errors.ts';
import type { Signaling } from './signaling.ts';

/** Options of `joinCall`. */
export interface JoinCallOptions {
  /** The way to the SFU: `rtcdSignaling(client)`, `sfuSignaling(sfu, groupID)`, or an own one. */
  readonly signaling: Signaling;
  readonly callID: string;
  /** Default: a new one. */
  readonly sessionID?: string;
  /** Default: the sessionID. */
  readonly userID?: string;
  /** Default: the callID. */
  readonly channelID?: string;
  /** Signals over the data channel once it is open, instead of over `signaling`. Default true. */
  readonly dcSignaling?: boolean;
  /** Addresses of this machine to send from. Default: any IPv4 address. */
  readonly addresses?: readonly string[];
  /** Limit on the time to join. Default 15,000, as in the web client. */
  readonly timeoutMs?: number;
  /** Ends the attempt to join. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const optionsCheck = check.object<JoinCallOptions>({
  signaling: check.object<Signaling>({ open: check.func }),
  callID: check.nonEmptyString,
  sessionID: check.optional(check.nonEmptyString),
  userID: check.optional(check.nonEmptyString),
  channelID: check.optional(check.nonEmptyString),
  dcSignaling: check.optional(check.boolean),
  addresses: check.optional(check.arrayOf(check.nonEmptyString)),
  timeoutMs: check.optional(check.positiveNumber),
  signal: check.optional(check.abortSignal),
  clock: check.optional(check.clock),
  logger: check.optional(check.logger),
});

const JOIN_LIMIT_MS = 15_000;
/** The kernel's default is far too small for a key frame, and that of an SFU far too large for a participant. */
const SOCKET_BUFFER_BYTES = 1024 * 1024;

/**
 * Joins a call. Resolves once the connection and its data channel are open. Rejects with `ParticipantError` `invalid_option`, `timeout`, `connection_lost`,
 * or `aborted`, with `PacketIoError` if the sockets cannot be opened, and as `signaling` does.
 */
export async function joinCall(options: JoinCallOptions): Promise<Call> {
  validate('options', options, optionsCheck, (message) => new ParticipantError('invalid_option', message));
  const { signaling, callID, sessionID = newID(), userID = sessionID, channelID = callID } = options;
  const { dcSignaling = true, addresses = ['0.0.0.0'], clock = systemClock, logger = silentLogger } = options;
  const { timeoutMs = JOIN_LIMIT_MS, signal } = options;
  const limit = new AbortController();
  const timer = clock.setTimer(
    () => limit.abort(new ParticipantError('timeout', `the call was not joined within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const onAbort = () =>
    limit.abort(new ParticipantError('aborted', 'the attempt to join was aborted', { cause: signal?.reason }));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Call.join({
      session: { groupID: '', callID, userID, sessionID, props: { channelID, av1Support: false, dcSignaling } },
      signaling,
      openIo: (handlers) => openPacketIo({ ...handlers, addresses: addresses.map(anyPort), ...SOCKET_BUFFERS }),
      limit: limit.signal,
      clock,
      logger,
    });
  } finally {
    clock.clearTimer(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const SOCKET_BUFFERS = { receiveBufferBytes: SOCKET_BUFFER_BYTES, sendBufferBytes: SOCKET_BUFFER_BYTES };

const anyPort = (address: string): BindAddress => ({ address, port: 0 });
