/** Methods of TURN (RFC 8656 section 17). */
export const TurnMethod = {
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const;

export type TurnRequestMethod = 'allocate' | 'refresh' | 'createPermission' | 'channelBind';

/** Attributes of TURN (RFC 8656 section 18). */
export const TurnAttribute = {
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
} as const;

/** Errors of TURN and STUN that need an answer other than giving up (RFC 8656 section 19, RFC 8489 section 14.8). */
export const TurnError = {
  unauthenticated: 401,
  forbidden: 403,
  allocationMismatch: 437,
  staleNonce: 438,
} as const;

/** Value of REQUESTED-TRANSPORT: the protocol number of UDP, then reserved bytes (RFC 8656 section 18.7). */
export const REQUESTED_UDP = Buffer.from([17, 0, 0, 0]);
