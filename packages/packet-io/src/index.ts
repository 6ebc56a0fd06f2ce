export { PacketIoError, type PacketIoErrorCode } from './errors.ts';
export { openPacketIo } from './io/open-packet-io.ts';
export type { BindAddress, LocalAddress, PacketIo, PacketIoOptions, PacketIoStats } from './packet-io.ts';
export {
  DESCRIPTOR_WORDS,
  type PacketPlane,
  type PacketPlaneOptions,
  type PacketPlaneStats,
  type Path,
  SrtpDrop,
  type SrtpReceiver,
  type SrtpReceiverLimits,
} from './packet-plane.ts';
export { createPacketPlane } from './plane/create-packet-plane.ts';
export { MAX_PACKET_BYTES } from './srtp/limits.ts';
export type { SrtpKeys, SrtpProfile } from './srtp/profile.ts';
