import type { Zlib } from './zlib-format.ts';

/** Node's zlib, or undefined elsewhere. Not imported, so that bundlers for browsers have nothing to resolve. */
export function nodeZlib(): Zlib | undefined {
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib');
  return (
    zlib && {
      deflate: (bytes, level) => zlib.deflateSync(bytes, { level }),
      inflate(bytes, maxBytes) {
        try {
          return zlib.inflateSync(bytes, { maxOutputLength: maxBytes });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
          throw error;
        }
      },
    }
  );
}
