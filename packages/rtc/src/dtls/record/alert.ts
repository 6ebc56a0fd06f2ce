import { ContentType } from './record.ts';
import type { RecordLayer } from './record-layer.ts';

const AlertLevel = { warning: 1, fatal: 2 } as const;

/** RFC 5246 section 7.2 */
export const AlertDescription = {
  closeNotify: 0,
  handshakeFailure: 40,
  badCertificate: 42,
  decryptError: 51,
} as const;
export type AlertDescription = (typeof AlertDescription)[keyof typeof AlertDescription];

/** An alert record. close_notify is a warning, all others that we send are fatal. */
export function writeAlert(records: RecordLayer, epoch: 0 | 1, description: AlertDescription): Buffer {
  const level = description === AlertDescription.closeNotify ? AlertLevel.warning : AlertLevel.fatal;
  return records.write(epoch, ContentType.alert, Buffer.of(level, description));
}

/** Effect of an authentic alert; `undefined` for none. */
export function alertMeaning(payload: Uint8Array): 'close_notify' | 'fatal_alert' | undefined {
  if (payload.length !== 2) return undefined;
  if (payload[1] === AlertDescription.closeNotify) return 'close_notify';
  return payload[0] === AlertLevel.fatal ? 'fatal_alert' : undefined;
}
