import { createRequire } from 'node:module';
import { PacketIoError } from '../errors.ts';

/** Totals that `counters` begins with. */
export const PLANE_COUNTERS = [
  'rtpSent',
  'rtpSentBytes',
  'rtcpSent',
  'rtcpSentBytes',
  'slotClosedDrops',
  'unsendableDrops',
  'keyExhaustedDrops',
  'reusedIndexDrops',
  'rtpReceived',
  'rtcpReceived',
  'malformedDrops',
  'unauthenticDrops',
  'replayedDrops',
  'tooManySsrcsDrops',
] as const;

/** Totals that `counters` ends with. */
export const DATAGRAM_COUNTERS = ['datagramsSent', 'bytesSent', 'sendErrors', 'queueFullDrops'] as const;

/** Factor of the rollover counter in the result of `unprotectRtp`: the length is below it. */
export const ROLLOVER_FACTOR = 4096;

/** `NativePlane` of native/src/node.rs. A negative socket stands for a carrier. */
export interface AddonPlane {
  addSocket(fd: number): number;
  openSlot(
    isGcm: boolean,
    masterKey: Uint8Array,
    masterSalt: Uint8Array,
    socket: number,
    address: string,
    port: number,
  ): number;
  moveSlot(slot: number, socket: number, address: string, port: number): void;
  closeSlot(slot: number): void;
  send(arena: Uint8Array, descriptors: Uint32Array, count: number): number;
  protectRtp(arena: Uint8Array, descriptor: Uint32Array): number;
  sendRtcp(slot: number, compound: Uint8Array): number;
  takeProtected(out: Uint8Array): void;
  flush(): number;
  close(): void;
  createReceiver(isGcm: boolean, masterKey: Uint8Array, masterSalt: Uint8Array, maxSsrcs: number): AddonReceiver;
  counters(): number[];
}

/** `NativeReceiver` of native/src/node.rs. */
export interface AddonReceiver {
  unprotectRtp(packet: Uint8Array): number;
  unprotectRtcp(packet: Uint8Array): number;
}

/** Exports of the native code. */
export interface NativeAddon {
  readonly NativePlane: new () => AddonPlane;
  bindUdp(address: string, port: number): number;
  /** `INTERFACE_VERSION` that it was built with. */
  interfaceVersion(): number;
}

/** The result of loading: the native code, or the problem with it. Neither if it is not built. */
export type LoadedAddon =
  | { readonly addon: NativeAddon; readonly problem?: undefined }
  | { readonly addon?: undefined; readonly problem?: string };

/** To be raised here and in native/src/node.rs with each change of these exports: what was built before is not used then. */
const INTERFACE_VERSION = 1;

const ADDON_FILE = '../../native/packet-io.node';

export const NOT_BUILT = 'it is not built: run `npx --yes pnpm@12 build:native` in a clone';

let loaded: LoadedAddon | undefined;

/** Loads the native code that was built for this platform, once. */
export function loadNativeAddon(): LoadedAddon {
  loaded ??= load();
  return loaded;
}

function load(): LoadedAddon {
  try {
    const addon: Partial<NativeAddon> = createRequire(import.meta.url)(ADDON_FILE);
    if (addon.interfaceVersion?.() === INTERFACE_VERSION) return { addon: addon as NativeAddon };
    return { problem: 'it was built for another version: build it again' };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    return isMissing ? {} : { problem: String(error) };
  }
}

/** Throws `PacketIoError` 'native_plane_unavailable' if the native code cannot be loaded. */
export function requireNativeAddon(): NativeAddon {
  const { addon, problem = NOT_BUILT } = loadNativeAddon();
  if (addon === undefined) throw new PacketIoError('native_plane_unavailable', `no native packet plane: ${problem}`);
  return addon;
}
