/** The first seven come from opening sockets and planes, the others from slots, receivers and sends. */
export type PacketIoErrorCode =
  | 'address_in_use'
  | 'address_not_available'
  | 'permission_denied'
  | 'invalid_address'
  | 'listen_failed'
  | 'invalid_option'
  | 'native_plane_unavailable'
  | 'too_many_slots'
  | 'unknown_slot'
  | 'invalid_path'
  | 'too_many_paths'
  | 'unknown_path'
  | 'invalid_keys'
  | 'invalid_descriptor';

/** Error of a caller of this package, or a refusal of the operating system. Never raised for what the network sends. */
export class PacketIoError extends Error {
  readonly code: PacketIoErrorCode;

  constructor(code: PacketIoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PacketIoError';
    this.code = code;
  }
}
