/** Direction of a packet as in the flags of its block: seen from the machine that captures. */
export type PacketDirection = 'inbound' | 'outbound';

/** LINKTYPE_WIRESHARK_UPPER_PDU: each packet begins with tags that name its protocol, so that Wireshark needs no guess. */
const LINK_TYPE = 252;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const BlockType = { section: 0x0a0d0d0a, interface: 1, statistics: 5, packet: 6 } as const;
const OptionCode = { droppedPackets: 5, packetFlags: 2 } as const;
const DIRECTION_FLAGS: Readonly<Record<PacketDirection, number>> = { inbound: 1, outbound: 2 };
/** Type, two lengths, and the fields of a packet block: interface, time, captured and original length; then flags and the end of options. */
const PACKET_BLOCK_BYTES = 12 + 20 + 12;

const padded = (length: number) => (length + 3) & ~3;

/** Writes a capture file in little-endian pcapng (draft-ietf-opsawg-pcapng), up to a number of bytes. Further packets are counted only. */
export class PcapngWriter {
  readonly #maxBytes: number;
  readonly #blocks: Buffer[] = [];
  #sizeBytes = 0;
  #notKept = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#append(sectionHeader());
    this.#append(interfaceDescription());
  }

  /** Adds a packet: its tags, and the start of its bytes, which were `originalLength` in all. Copies both. */
  add(tags: Uint8Array, start: Uint8Array, originalLength: number, direction: PacketDirection, unixMs: number): void {
    const capturedLength = tags.length + start.length;
    const block = newBlock(BlockType.packet, PACKET_BLOCK_BYTES + padded(capturedLength));
    if (this.#sizeBytes + block.length > this.#maxBytes) {
      this.#notKept++;
      return;
    }
    writeTime(block, 12, unixMs);
    block.writeUInt32LE(capturedLength, 20);
    block.writeUInt32LE(tags.length + originalLength, 24);
    block.set(tags, 28);
    block.set(start, 28 + tags.length);
    const options = 28 + padded(capturedLength);
    block.writeUInt16LE(OptionCode.packetFlags, options);
    block.writeUInt16LE(4, options + 2);
    block.writeUInt32LE(DIRECTION_FLAGS[direction], options + 4);
    this.#append(block);
  }

  /** The whole file. Its last block has the number of packets that did not fit. */
  finish(unixMs: number): Buffer {
    const block = newBlock(BlockType.statistics, 12 + 12 + 16);
    writeTime(block, 12, unixMs);
    block.writeUInt16LE(OptionCode.droppedPackets, 20);
    block.writeUInt16LE(8, 22);
    block.writeBigUInt64LE(BigInt(this.#notKept), 24);
    return Buffer.concat([...this.#blocks, block]);
  }

  #append(block: Buffer): void {
    this.#blocks.push(block);
    this.#sizeBytes += block.length;
  }
}

/** All zeros but for its type and the length at both ends. Options end with zeros. */
function newBlock(type: number, length: number): Buffer {
  const block = Buffer.alloc(length);
  block.writeUInt32LE(type, 0);
  block.writeUInt32LE(length, 4);
  block.writeUInt32LE(length, length - 4);
  return block;
}

function sectionHeader(): Buffer {
  const block = newBlock(BlockType.section, 28);
  block.writeUInt32LE(BYTE_ORDER_MAGIC, 8);
  block.writeUInt16LE(1, 12);
  block.writeBigInt64LE(-1n, 16);
  return block;
}

function interfaceDescription(): Buffer {
  const block = newBlock(BlockType.interface, 20);
  block.writeUInt16LE(LINK_TYPE, 8);
  return block;
}

/** In microseconds, the resolution of an interface that names no other one. */
function writeTime(block: Buffer, offset: number, unixMs: number): void {
  const microseconds = Math.round(unixMs * 1000);
  block.writeUInt32LE(Math.floor(microseconds / 2 ** 32), offset);
  block.writeUInt32LE(microseconds % 2 ** 32, offset + 4);
}
