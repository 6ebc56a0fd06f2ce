import { hex } from './hex.ts';

/** RFC 7714 sections 16.1 and 17.1: AEAD_AES_128_GCM with session keys given, not derived. */
export const sessionKeys = {
  cipherKey: hex('000102030405060708090a0b0c0d0e0f'),
  authKey: new Uint8Array(0),
  salt: hex('51756964 2070726f 2071756f'),
};

export const rtp = {
  rolloverCounter: 0,
  headerLength: 12,
  plain: hex(`
    8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
    69736120 696e2070 61727465 73207472 6573`),
  protected: hex(`
    8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
    0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439
    0cce`),
};

export const rtcp = {
  index: 0x5d4,
  plain: hex(`
    81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
    deadbeef deadbeef deadbeef deadbeef deadbeef`),
  protected: hex(`
    81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
    c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
    45d9eade 800005d4`),
};
