/**
 * The largest packet that is protected or unprotected. Media packets are made to fit a path MTU of 1500 bytes or less; one
 * beyond this would only travel as IP fragments, so it is dropped and counted, and all scratch memory can have a fixed size.
 */
export const MAX_PACKET_BYTES = 2048;

/** AES works on blocks of this many bytes. */
export const AES_BLOCK_BYTES = 16;
