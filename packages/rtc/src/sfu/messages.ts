import type { RtcMessage, SessionConfig } from '@rtcd/protocol';
import type { RtcErrorCode } from '../errors.ts';

/** The roster's number of a session. It is used once, so that a session that joins again is not taken for the one before. */
export type SessionNumber = number;

/** Commands from the roster to the engine. Plain data that can be cloned, so that the two may run on different threads. */
export type EngineCommand =
  | { readonly type: 'open_session'; readonly session: SessionNumber; readonly config: SessionConfig }
  | { readonly type: 'close_session'; readonly session: SessionNumber; readonly reason: string }
  | { readonly type: 'message'; readonly session: SessionNumber; readonly message: RtcMessage }
  | { readonly type: 'resume'; readonly session: SessionNumber };

/** Events from the engine to the roster. Plain data, as commands are. */
export type EngineEvent =
  /** For the client of the session. */
  | { readonly type: 'message'; readonly session: SessionNumber; readonly message: RtcMessage }
  | { readonly type: 'session_closed'; readonly session: SessionNumber; readonly reason: string }
  | EngineRefusal;

/** A `message` command was refused. The session may continue. */
export interface EngineRefusal {
  readonly type: 'refused';
  readonly session: SessionNumber;
  readonly groupID: string;
  readonly sessionID: string;
  readonly code: RtcErrorCode;
  readonly reason: string;
  /** The error behind the refusal, if there is one. */
  readonly cause?: unknown;
}
