import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import { sequenceNumberOf, ssrcOf } from '../src/rtp/header.ts';
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
  readonly #packets = new Map<string, string>();

  readonly observe = ({ datagram, from }: ObservedDatagram): void => {
    const packet = Buffer.from(datagram);
    if (from.port !== 8443 || classify(packet) !== 'rtp') return;
    const name = `${ssrcOf(packet)} ${sequenceNumberOf(packet)}`;
    const bytes = packet.toString('base64');
    const before = this.#packets.get(name);
    this.count++;
    if (before === bytes) this.repeated++;
    else if (before !== undefined) this.reused.push(name);
    this.#packets.set(name, bytes);
  };
}
