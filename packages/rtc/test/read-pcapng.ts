/** One packet of a capture file, as a reader sees it that shares no code with the writer. */
export interface CapturedPacket {
  readonly unixMs: number;
  readonly direction: 'inbound' | 'outbound';
  readonly protocol: string;
  /** As `address:port`; empty if the file has none. */
  readonly source: string;
  readonly destination: string;
  readonly bytes: Buffer;
  readonly originalLength: number;
}

/** The contents of a capture file with one interface. */
export interface CaptureFile {
  readonly linkType: number;
  readonly packets: readonly CapturedPacket[];
  readonly dropped: number;
}

/** Reads pcapng blocks in the order in which they are; throws at anything that is out of place. */
export function readPcapng(file: Buffer): CaptureFile {
  let linkType = -1;
  let dropped = 0;
  const packets: CapturedPacket[] = [];
  for (let at = 0; at < file.length; ) {
    const type = file.readUInt32LE(at);
    const length = file.readUInt32LE(at + 4);
    if (length % 4 !== 0 || file.readUInt32LE(at + length - 4) !== length) throw new Error(`block length at ${at}`);
    const body = file.subarray(at + 8, at + length - 4);
    if ((at === 0) !== (type === 0x0a0d0d0a)) throw new Error(`section header at ${at}`);
    if (at === 0 && body.toString('latin1', 0, 8) !== 'M<+\x1a\x01\0\0\0') throw new Error('byte order or version');
    if (type === 1) linkType = body.readUInt16LE(0);
    if (type === 6) packets.push(readPacket(body));
    if (type === 5) dropped = Number(optionsOf(body.subarray(12)).get(5)!.readBigUInt64LE());
    at += length;
  }
  return { linkType, packets, dropped };
}

function readPacket(body: Buffer): CapturedPacket {
  const capturedLength = body.readUInt32LE(12);
  const data = body.subarray(20, 20 + capturedLength);
  const flags = optionsOf(body.subarray(20 + Math.ceil(capturedLength / 4) * 4))
    .get(2)!
    .readUInt32LE();
  const tags = new Map<number, Buffer>();
  let at = 0;
  for (let tag = -1; tag !== 0; ) {
    tag = data.readUInt16BE(at);
    const length = data.readUInt16BE(at + 2);
    tags.set(tag, data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const endpoint = (address: number, port: number) =>
    tags.has(address) ? `${tags.get(address)!.join('.')}:${tags.get(port)!.readUInt32BE()}` : '';
  return {
    unixMs: (body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8)) / 1000,
    direction: (flags & 3) === 1 ? 'inbound' : 'outbound',
    protocol: tags.get(12)!.toString('latin1').replaceAll('\0', ''),
    source: endpoint(20, 25),
    destination: endpoint(21, 26),
    bytes: data.subarray(at),
    originalLength: body.readUInt32LE(16) - at,
  };
}

function optionsOf(bytes: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (let at = 0; bytes.readUInt16LE(at) !== 0; at += 4 + Math.ceil(bytes.readUInt16LE(at + 2) / 4) * 4) {
    options.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, at + 4 + bytes.readUInt16LE(at + 2)));
  }
  return options;
}
