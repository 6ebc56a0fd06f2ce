import { describe, expect, it } from 'vitest';
import { HandshakeType, parseHandshakeFragments, writeHandshakeMessage } from '../messages/handshake-message.ts';
import { parseRecords } from '../record/record.ts';
import { CHANGE_CIPHER_SPEC, newDtlsStats, RecordLayer } from '../record/record-layer.ts';
import { type FlightPart, packFlight, plainMessage, protectedMessage } from './flight.ts';
import { MessageAssembler } from './message-assembler.ts';

const keys = { key: Buffer.alloc(16, 1), salt: Buffer.alloc(4, 2) };

function records(): RecordLayer {
  const layer = new RecordLayer(newDtlsStats());
  layer.protect({ read: keys, write: keys });
  return layer;
}

const certificate = writeHandshakeMessage(HandshakeType.certificate, 1, Buffer.alloc(1000, 3));
const flight: FlightPart[] = [
  plainMessage(certificate),
  CHANGE_CIPHER_SPEC,
  protectedMessage(writeHandshakeMessage(HandshakeType.finished, 2, Buffer.alloc(12))),
];

describe('packFlight', () => {
  it('puts all into one datagram that fits', () => {
    const [datagram, ...rest] = packFlight(flight, records(), 1200);
    expect(rest).toEqual([]);
    expect(parseRecords(datagram!).map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it.each([100, 101, 256, 1000])('keeps datagrams within %i bytes, and loses nothing', (mtu) => {
    const datagrams = packFlight(flight, records(), mtu);
    const assembler = new MessageAssembler([{ messageSeq: 1, type: HandshakeType.certificate, maxLength: 1000 }]);
    for (const datagram of datagrams) {
      expect(datagram.length).toBeLessThanOrEqual(mtu);
      for (const record of parseRecords(datagram))
        parseHandshakeFragments(record.payload).map((part) => assembler.add(part));
    }
    expect(assembler.get(1, HandshakeType.certificate)).toEqual(certificate);
    expect(datagrams.flatMap(parseRecords).at(-1)?.epoch).toBe(1);
  });

  it('continues the record numbers in a retransmission', () => {
    const layer = records();
    packFlight(flight, layer, 1200);
    const [again] = packFlight(flight, layer, 1200);
    expect(parseRecords(again!).map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [0, 2],
      [0, 3],
      [1, 1],
    ]);
  });
});
