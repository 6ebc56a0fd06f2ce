import { type Cipheriv, createCipheriv, createSecretKey } from 'node:crypto';
import { AES_BLOCK_BYTES } from './limits.ts';

/** AES-128 under one key, for whole blocks. Lives as long as the key: making a cipher costs more than using one. */
export type BlockCipher = Cipheriv;

/** A `KeyObject` in between makes this several times cheaper than handing the bytes to `createCipheriv`. */
export function createBlockCipher(key: Uint8Array): BlockCipher {
  return createCipheriv('aes-128-ecb', createSecretKey(key), null).setAutoPadding(false);
}

/** Encrypts one block of zeros, which is where GCM's hash key comes from. */
export function encryptZeroBlock(cipher: BlockCipher): Uint8Array {
  return cipher.update(new Uint8Array(AES_BLOCK_BYTES));
}
