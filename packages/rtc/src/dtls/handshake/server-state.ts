import type { Hash, KeyObject } from 'node:crypto';
import type { SrtpProfile } from '@rtcd/packet-io';
import type { Randoms } from '../crypto/key-schedule.ts';
import type { KeyShare } from '../crypto/key-share.ts';
import type { FlightPart } from './flight.ts';
import type { HelloGate } from './hello-gate.ts';
import type { MessageAssembler } from './message-assembler.ts';
import type { Retransmission } from './retransmission.ts';

/** Waits for a ClientHello with a cookie of ours. */
export interface Listening {
  readonly phase: 'listening';
  readonly gate: HelloGate;
}

/** Flight 4 is out, the parts of flight 5 are coming in. */
export interface Negotiating {
  readonly phase: 'negotiating';
  /** May change: until the client has proven itself, forged packets may have made it repeat its hello. */
  readonly gate: HelloGate;
  /** message_seq of the ClientHello and of the ServerHello: all others count from there. */
  readonly helloSeq: number;
  readonly randoms: Randoms;
  readonly srtpProfile: SrtpProfile;
  readonly keyShare: KeyShare;
  /** Transcript from ClientHello to ServerHelloDone. */
  readonly opening: Buffer;
  readonly flight: readonly FlightPart[];
  readonly retransmission: Retransmission;
  readonly assembler: MessageAssembler;
  /** A Finished record that has overtaken the messages that its keys depend on. */
  early: Buffer | undefined;
}

/** The client has proven that it holds its certificate's key. */
export interface AwaitingFinished {
  readonly phase: 'awaiting_finished';
  readonly helloSeq: number;
  readonly randoms: Randoms;
  readonly srtpProfile: SrtpProfile;
  readonly master: KeyObject;
  readonly transcript: Hash;
  readonly flight: readonly FlightPart[];
  readonly retransmission: Retransmission;
}

export interface Connected {
  readonly phase: 'connected';
  readonly helloSeq: number;
  /** Flight 6, until the client has shown by application data that it has it. */
  lastFlight: { readonly parts: readonly FlightPart[]; readonly retransmission: Retransmission } | undefined;
}

export interface Closed {
  readonly phase: 'closed';
}

export type ServerState = Listening | Negotiating | AwaitingFinished | Connected | Closed;
export type DtlsServerPhase = ServerState['phase'];

/** message_seq of the client's messages, counted from its last ClientHello. */
export const CLIENT_SEQ = { certificate: 1, clientKeyExchange: 2, certificateVerify: 3, finished: 4 } as const;
/** The server's, counted from the ServerHello. */
export const SERVER_FINISHED_SEQ = 5;

/** Bytes buffered for incomplete messages. */
export function bufferedBytes(state: ServerState): number {
  switch (state.phase) {
    case 'listening':
      return state.gate.bufferedBytes;
    case 'negotiating':
      return state.gate.bufferedBytes + state.assembler.bufferedBytes + (state.early?.length ?? 0);
    default:
      return 0;
  }
}
