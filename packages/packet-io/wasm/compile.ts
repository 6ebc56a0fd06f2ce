import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = fileURLToPath(new URL('aes128.ts', import.meta.url));
const COMPILER = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')));
const OPTIONS = '-O3 --noAssert --runtime stub --enable simd,relaxed-simd --initialMemory 1 --maximumMemory 1';

/**
 * Compiles wasm/aes128.ts and returns the text of src/srtp/aes128.wasm.ts. The module is in a string there, which Node and every bundler
 * load without configuration.
 */
export async function compileAes128(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aes128-'));
  try {
    const outFile = join(folder, 'aes128.wasm');
    await promisify(execFile)(process.execPath, [COMPILER, SOURCE, '--outFile', outFile, ...OPTIONS.split(' ')]);
    const binary = (await readFile(outFile)).toString('base64');
    return `/** Compiled from wasm/aes128.ts by \`pnpm build:wasm\`. */\nexport const AES128_WASM =\n  '${binary}';\n`;
  } finally {
    await rm(folder, { recursive: true });
  }
}
