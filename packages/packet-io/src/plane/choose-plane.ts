import { PacketIoError } from '../errors.ts';
import {
  type LoadedAddon,
  loadNativeAddon,
  type NativeAddon,
  NOT_BUILT,
  requireNativeAddon,
} from '../native/native-addon.ts';
import { NativePlane } from '../native/native-plane.ts';
import type { CreatePlane, PlaneKind } from '../packet-plane.ts';
import { createTypeScriptPlane } from './create-packet-plane.ts';

export const PLANE_KINDS: readonly PlaneKind[] = ['typescript', 'native'];

/** Environment variable that names the plane of sockets that are opened without another choice. */
export const PLANE_VARIABLE = 'RTCD_PACKET_PLANE';

/** A plane, and the native code that its sockets need. */
export interface ChosenPlane {
  readonly createPlane: CreatePlane;
  readonly addon?: NativeAddon;
}

/** A plane by its name. */
export interface PlaneChoice {
  readonly plane: PlaneKind;
  /** Problem with the native plane that was built, but cannot be loaded. */
  readonly problem?: string;
}

/**
 * Finds the plane that `openPacketIo` uses unless it is given one: that of RTCD_PACKET_PLANE, or else the native one if it is built. Throws
 * `PacketIoError` 'invalid_option' for an unknown value of the variable.
 */
export function defaultPlane(
  environment: NodeJS.ProcessEnv = process.env,
  { addon, problem }: LoadedAddon = loadNativeAddon(),
): PlaneChoice {
  const value = environment[PLANE_VARIABLE] ?? '';
  if (value === '') return addon ? { plane: 'native' } : { plane: 'typescript', ...(problem && { problem }) };
  const plane = PLANE_KINDS.find((known) => known === value);
  if (plane !== undefined) return { plane };
  throw new PacketIoError(
    'invalid_option',
    `${PLANE_VARIABLE} is ${JSON.stringify(value)}: set it to ${PLANE_KINDS.join(' or ')}, or unset it`,
  );
}

/** Reports whether the native plane can be used here; if not, the reason says what is missing. */
export function nativePlaneSupport(): { readonly isAvailable: boolean; readonly reason?: string } {
  const { addon, problem = NOT_BUILT } = loadNativeAddon();
  return addon ? { isAvailable: true } : { isAvailable: false, reason: problem };
}

/** Finds a plane by its name. Throws `PacketIoError` 'native_plane_unavailable'. */
export function choosePlane(kind: PlaneKind): ChosenPlane {
  switch (kind) {
    case 'typescript':
      return { createPlane: createTypeScriptPlane };
    case 'native': {
      const addon = requireNativeAddon();
      return { addon, createPlane: (parts) => new NativePlane(addon, parts) };
    }
    default:
      return kind satisfies never;
  }
}
