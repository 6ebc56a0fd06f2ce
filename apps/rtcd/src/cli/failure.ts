import { ApiError } from '@rtcd/api';
import { PacketIoError } from '@rtcd/packet-io';
import { RtcError } from '@rtcd/rtc';
import { StoreError } from '@rtcd/store';
import { ConfigError } from '../config/errors.ts';
import { LoggingError } from '../logging/errors.ts';
import { UsageError } from './arguments.ts';

const EXPECTED = [UsageError, ConfigError, LoggingError, StoreError, ApiError, RtcError, PacketIoError];

/** One line for what a person can put right; for a bug of ours, where it is. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  if (EXPECTED.some((expected) => error instanceof expected)) {
    return error.message.replaceAll(/\s*\n\s*/g, ' ');
  }
  return error.stack ?? error.message;
}
