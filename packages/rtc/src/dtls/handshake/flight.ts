import { fragmentOf, HANDSHAKE_HEADER_SIZE, messageBody } from '../messages/handshake-message.ts';
import { ContentType, RECORD_HEADER_SIZE } from '../record/record.ts';
import { RECORD_OVERHEAD } from '../record/record-cipher.ts';
import type { RecordLayer } from '../record/record-layer.ts';

/** Bytes of UDP payload that pass everywhere; what Chromium uses as well. */
export const DEFAULT_MTU = 1200;

/** Something of a flight that goes into a record of its own: a whole handshake message, or a ChangeCipherSpec. */
export interface FlightPart {
  readonly epoch: 0 | 1;
  readonly contentType: ContentType;
  readonly payload: Uint8Array;
}

/** A message of a flight in plain text. */
export function plainMessage(payload: Uint8Array): FlightPart {
  return { epoch: 0, contentType: ContentType.handshake, payload };
}

/** The Finished message of a flight. */
export function protectedMessage(payload: Uint8Array): FlightPart {
  return { epoch: 1, contentType: ContentType.handshake, payload };
}

/** The flight as datagrams of at most `mtu` bytes, as few as possible, each record with a new sequence number. */
export function packFlight(flight: readonly FlightPart[], records: RecordLayer, mtu: number): Buffer[] {
  const datagrams: Buffer[] = [];
  let pending: Buffer[] = [];
  let size = 0;
  for (const part of flight) {
    for (const payload of fragments(part, mtu)) {
      const record = records.write(part.epoch, part.contentType, payload);
      if (size + record.length > mtu && size > 0) {
        datagrams.push(Buffer.concat(pending));
        pending = [];
        size = 0;
      }
      pending.push(record);
      size += record.length;
    }
  }
  datagrams.push(Buffer.concat(pending));
  return datagrams;
}

function fragments(part: FlightPart, mtu: number): readonly Uint8Array[] {
  const room = mtu - (part.epoch === 0 ? RECORD_HEADER_SIZE : RECORD_OVERHEAD);
  if (part.payload.length <= room || part.contentType !== ContentType.handshake) return [part.payload];
  const message = Buffer.from(part.payload);
  const total = messageBody(message).length;
  const step = room - HANDSHAKE_HEADER_SIZE;
  return Array.from({ length: Math.ceil(total / step) }, (_, index) =>
    fragmentOf(message, index * step, Math.min(step, total - index * step)),
  );
}
