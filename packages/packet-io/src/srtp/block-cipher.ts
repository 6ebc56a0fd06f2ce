import { type Cipheriv, createCipheriv, type KeyObject } from 'node:crypto';

/** AES-128 under one key, for whole blocks. Lives as long as the key: making a cipher costs more than using one. */
export type BlockCipher = Cipheriv;

/** The key is a `KeyObject` since `createCipheriv` takes several times as long with one in a buffer. */
export function createBlockCipher(key: KeyObject): BlockCipher {
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
}
