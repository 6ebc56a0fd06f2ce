export { eachPacket, type OnPacket } from './each-packet.ts';
export { PacketIoError, type PacketIoErrorCode } from './errors.ts';
export { openPacketIo } from './io/open-packet-io.ts';
export {
  type BindAddress,
  type BufferSizes,
  type LocalAddress,
  type OnPackets,
  type OpenRelay,
  type PacketIo,
  type PacketIoOptions,
  type PacketIoStats,
  type PacketRelay,
  RECEIVED_WORDS,
  type TcpOptions,
  type TlsIdentity,
} from './packet-io.ts';
export type { KnownPath, PacketPaths, Path, PathId } from './packet-path.ts';
export {
  type CreatePlane,
  type DatagramSink,
  type DatagramTotals,
  DESCRIPTOR_WORDS,
  type PacketPlane,
  type PacketPlaneOptions,
  type PacketPlaneStats,
  type PlaneKind,
  type PlaneParts,
  type PlaneSockets,
  SrtpDrop,
  type SrtpReceiver,
  type SrtpReceiverLimits,
} from './packet-plane.ts';
export { defaultPlane, nativePlaneSupport, type PlaneChoice } from './plane/choose-plane.ts';
export { createPacketPlane, createTypeScriptPlane } from './plane/create-packet-plane.ts';
export { MAX_PACKET_BYTES } from './srtp/limits.ts';
export { rtpHeaderLength } from './srtp/packet-format.ts';
export type { SrtpKeys, SrtpProfile } from './srtp/profile.ts';
