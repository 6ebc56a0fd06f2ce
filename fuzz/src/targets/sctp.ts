import { decodePayload } from '../../../packages/rtc/src/sctp/data-channel-payload.ts';
import { encodeAck, encodeOpen, readDcep } from '../../../packages/rtc/src/sctp/dcep.ts';
import { readCauseCodes } from '../../../packages/rtc/src/sctp/wire/cause.ts';
import { type Chunk, ChunkType, encodeChunk, encodeEmptyChunk } from '../../../packages/rtc/src/sctp/wire/chunk.ts';
import { readData } from '../../../packages/rtc/src/sctp/wire/data.ts';
import { encodeForwardTsn, readForwardTsn } from '../../../packages/rtc/src/sctp/wire/forward-tsn.ts';
import { encodeInit, readInit } from '../../../packages/rtc/src/sctp/wire/init.ts';
import { COMMON_HEADER_BYTES, packetChecksum, parsePacket } from '../../../packages/rtc/src/sctp/wire/packet.ts';
import { readParameters } from '../../../packages/rtc/src/sctp/wire/parameter.ts';
import {
  encodeOutgoingReset,
  encodeReConfigResponse,
  readReConfig,
} from '../../../packages/rtc/src/sctp/wire/re-config.ts';
import { encodeSack, readSack } from '../../../packages/rtc/src/sctp/wire/sack.ts';
import { encodeShutdown, readShutdown } from '../../../packages/rtc/src/sctp/wire/shutdown.ts';
import { isWhole, ruleOfRoundTrip } from '../rules.ts';
import type { FuzzTarget } from '../target.ts';

const SCTP = 'packages/rtc/src/sctp';
const CHECKSUM_OFFSET = 8;

/** The checksum right, which every sender can compute. */
function withChecksum(input: Uint8Array): Buffer {
  const packet = Buffer.from(input);
  if (packet.length > COMMON_HEADER_BYTES) packet.writeUInt32LE(packetChecksum(packet), CHECKSUM_OFFSET);
  return packet;
}

const packetOf = (...chunks: readonly Buffer[]): Buffer =>
  withChecksum(Buffer.concat([Buffer.from([0x13, 0x88, 0x13, 0x88, 0, 0, 0, 1, 0, 0, 0, 0]), ...chunks]));

const INIT = { initiateTag: 1, receiverWindowBytes: 65_536, outboundStreams: 1, inboundStreams: 1, initialTsn: 7 };

function seedChunks(): Buffer[] {
  const data = Buffer.alloc(12 + 5);
  data.writeUInt32BE(7, 0);
  data.writeUInt32BE(51, 8);
  return [
    encodeInit(ChunkType.Init, INIT),
    encodeInit(ChunkType.InitAck, INIT, [{ type: 7, value: Buffer.alloc(20, 1) }]),
    encodeChunk(ChunkType.Data, 3, data),
    encodeSack({ cumulativeTsn: 7, receiverWindowBytes: 9, gapBlocks: [{ start: 2, end: 3 }], duplicateTsns: [1] }),
    encodeForwardTsn({ newCumulativeTsn: 9, streams: [{ streamId: 1, ssn: 2 }] }),
    encodeOutgoingReset({ requestSeq: 1, responseSeq: 2, lastAssignedTsn: 3, streamIds: [0, 1] }),
    encodeReConfigResponse(1, 1),
    encodeShutdown(7),
    encodeChunk(ChunkType.Abort, 0, Buffer.from([0, 12, 0, 6, 65, 66])),
    encodeEmptyChunk(ChunkType.CookieAck),
    encodeChunk(ChunkType.Heartbeat, 0, Buffer.from([0, 1, 0, 8, 1, 2, 3, 4])),
  ];
}

function readChunk(chunk: Chunk): unknown {
  const { value } = chunk;
  const sack = readSack(value);
  if (sack) ruleOfRoundTrip(sack, readSack(encodeSack(sack).subarray(4)));
  const forwardTsn = readForwardTsn(value);
  if (forwardTsn) ruleOfRoundTrip(forwardTsn, readForwardTsn(encodeForwardTsn(forwardTsn).subarray(4)));
  return [
    chunk,
    readData(chunk),
    readInit(value),
    sack,
    forwardTsn,
    readReConfig(value),
    readShutdown(value),
    readCauseCodes(value),
    readParameters(value),
  ];
}

const PACKETS: FuzzTarget = {
  name: 'sctp',
  sources: [
    'cause',
    'chunk',
    'data',
    'forward-tsn',
    'init',
    'packet',
    'parameter',
    're-config',
    'sack',
    'shutdown',
  ].map((file) => `${SCTP}/wire/${file}.ts`),
  seeds: () => [...seedChunks().map((chunk) => packetOf(chunk)), packetOf(...seedChunks())],
  parse(input) {
    const packet = parsePacket(withChecksum(input));
    return [parsePacket(input), packet, packet?.chunks.map(readChunk)];
  },
  maxValues: (inputBytes) => 256 + 64 * inputBytes,
};

const CHANNELS: FuzzTarget = {
  name: 'data-channels',
  sources: [`${SCTP}/dcep.ts`, `${SCTP}/data-channel-payload.ts`],
  seeds: () => [
    encodeAck(),
    encodeOpen({ label: 'calls-dc', protocol: '', ordered: true }) ?? Buffer.alloc(0),
    Buffer.from('ping'),
  ],
  parse(input) {
    const message = readDcep(input);
    if (message?.type === 'open' && isWhole(message.label + message.protocol)) {
      ruleOfRoundTrip(message, readDcep(encodeOpen(message) ?? Buffer.alloc(0)));
    }
    return [message, ...[50, 51, 53, 56, 57, 0].map((ppid) => decodePayload(ppid, input))];
  },
};

/** Contents of DTLS records. */
export const SCTP_TARGETS: readonly FuzzTarget[] = [PACKETS, CHANNELS];
