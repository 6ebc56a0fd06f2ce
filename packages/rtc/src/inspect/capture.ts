import type { CandidateProtocol } from '../ice/candidate.ts';
import { RTP_HEADER_SIZE, rtpHeaderLength } from '../rtp/header.ts';
import { parseIpAddress } from '../stun/ip-address.ts';
import { type PacketDirection, PcapngWriter } from './pcapng.ts';

/** One end of a session's path. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The ends of a session's path. */
export interface Endpoints {
  readonly protocol: CandidateProtocol;
  readonly peer: Endpoint;
  readonly local: Endpoint;
}

export interface CaptureOptions {
  /** Missing for a session without a path: its packets then have no addresses. */
  readonly endpoints: Endpoints | undefined;
  readonly maxBytes: number;
  unixMs(): number;
}

/** Tags of an exported PDU, as in Wireshark's epan/exported_pdu.h. Numbers are big-endian. */
const Tag = { end: 0, dissector: 12, ipv4: 20, ipv6: 22, portType: 24, sourcePort: 25, destinationPort: 26 } as const;
const PORT_TYPE: Readonly<Record<CandidateProtocol, number>> = { tcp: 2, udp: 3 };

/** Records the plain packets of one session: RTCP whole, and of RTP the headers, without the media payloads. */
export class Capture {
  readonly #options: CaptureOptions;
  readonly #writer: PcapngWriter;
  readonly #tags: Readonly<Record<'rtp' | 'rtcp', Readonly<Record<PacketDirection, Buffer>>>>;

  constructor(options: CaptureOptions) {
    const { maxBytes, endpoints } = options;
    this.#options = options;
    this.#writer = new PcapngWriter(maxBytes);
    const tagsOf = (dissector: string) => ({
      inbound: packetTags(dissector, endpoints?.protocol, endpoints?.peer, endpoints?.local),
      outbound: packetTags(dissector, endpoints?.protocol, endpoints?.local, endpoints?.peer),
    });
    this.#tags = { rtp: tagsOf('rtp'), rtcp: tagsOf('rtcp') };
  }

  /** A decrypted RTP packet of the peer. */
  receivedRtp(packet: Buffer): void {
    // A header that contradicts itself is kept as far as all headers go.
    const headerLength = rtpHeaderLength(packet);
    const start = packet.subarray(0, headerLength < 0 ? RTP_HEADER_SIZE : headerLength);
    this.#writer.add(this.#tags.rtp.inbound, start, packet.length, 'inbound', this.#options.unixMs());
  }

  /** The header of an RTP packet for the peer, before its protection. */
  sentRtp(header: Uint8Array, packetLength: number): void {
    this.#writer.add(this.#tags.rtp.outbound, header, packetLength, 'outbound', this.#options.unixMs());
  }

  /** A plain compound RTCP packet. */
  rtcp(compound: Uint8Array, direction: PacketDirection): void {
    this.#writer.add(this.#tags.rtcp[direction], compound, compound.length, direction, this.#options.unixMs());
  }

  /** The pcapng file so far. */
  finish(): Buffer {
    return this.#writer.finish(this.#options.unixMs());
  }
}

function packetTags(
  dissector: string,
  protocol: CandidateProtocol | undefined,
  source: Endpoint | undefined,
  destination: Endpoint | undefined,
): Buffer {
  const tags = [tag(Tag.dissector, Buffer.from(dissector.padEnd(4, '\0')))];
  if (protocol && source && destination) {
    tags.push(addressTag(source.address, 0), addressTag(destination.address, 1));
    tags.push(tag(Tag.portType, uint32(PORT_TYPE[protocol])));
    tags.push(tag(Tag.sourcePort, uint32(source.port)), tag(Tag.destinationPort, uint32(destination.port)));
  }
  return Buffer.concat([...tags, tag(Tag.end, Buffer.alloc(0))]);
}

/** The tag of a source, or with `offset` 1 that of a destination. */
function addressTag(address: string, offset: 0 | 1): Buffer {
  const bytes = parseIpAddress(address) ?? Buffer.alloc(4);
  return tag((bytes.length === 4 ? Tag.ipv4 : Tag.ipv6) + offset, bytes);
}

function tag(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
