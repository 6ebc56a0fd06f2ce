import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import { sequenceNumberOf, ssrcOf } from '../src/rtp/header.ts';
import { CYCLE } from '../src/rtp/sequence.ts';
import { classify } from '../src/transport/demux.ts';

/**
 * Every SRTP packet of the SFU by its SSRC and sequence number. SSRCs are random and no stream here lasts until its numbers wrap, so
 * that two different packets of one name are one key, SSRC and index used for two texts (RFC 3711 section 9.1).
 */
export class SentPackets {
  count = 0;
  /** Sent once more, with the same bytes. */
  repeated = 0;
  /** Names under which two texts were sent. */
  readonly reused: string[] = [];
  /** Tags by names: two texts under one name have different tags. */
  readonly #tags = new Map<number, number>();

  readonly observe = ({ datagram, from }: ObservedDatagram): void => {
    if (from.port !== 8443) return;
    const packet = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    if (classify(packet) !== 'rtp') return;
    const [ssrc, sequenceNumber] = [ssrcOf(packet), sequenceNumberOf(packet)];
    const name = ssrc * CYCLE + sequenceNumber;
    const tag = packet.readUIntBE(packet.length - TAG_BYTES, TAG_BYTES);
    const before = this.#tags.get(name);
    this.count++;
    if (before === tag) this.repeated++;
    else if (before !== undefined) this.reused.push(`${ssrc} ${sequenceNumber}`);
    this.#tags.set(name, tag);
  };
}

/** Part of the 16 bytes of a tag: as much as one number represents. */
const TAG_BYTES = 6;
