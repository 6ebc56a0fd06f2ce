import type { Logger } from '@rtcd/boundary';
import { ProtocolError } from '@rtcd/protocol';
import { RtcError } from '@rtcd/rtc';
import { ControlError } from '../errors.ts';
import type { Sender } from './client-link.ts';

/** Keeps account of messages that were refused. */
export interface RefusalLog {
  /** A message of this connection failed with this error. */
  record(sender: Sender, fields: object, error: unknown): void;
  /** The connection is gone. */
  forget(connID: string): void;
}

/** Logs a connection's 1st, 2nd, 4th, 8th ... refusal, so that junk cannot fill the log. Internal errors are always logged. */
export function createRefusalLog(logger: Logger): RefusalLog {
  const counts = new Map<string, number>();
  return {
    record({ connID, clientID }, fields, error) {
      if (!isRefusal(error)) {
        logger.error({ connID, clientID, ...fields, err: error }, 'internal error: client message dropped');
        return;
      }
      const refused = (counts.get(connID) ?? 0) + 1;
      counts.set(connID, refused);
      if (Number.isInteger(Math.log2(refused))) {
        logger.warn({ connID, clientID, ...fields, refused, reason: error.message }, 'client message refused');
      }
    },
    forget(connID) {
      counts.delete(connID);
    },
  };
}

function isRefusal(error: unknown): error is Error {
  return error instanceof ProtocolError || error instanceof ControlError || error instanceof RtcError;
}
