import { writeFile } from 'node:fs/promises';
import { compileAes128 } from './compile.ts';

await writeFile(new URL('../src/srtp/aes128.wasm.ts', import.meta.url), await compileAes128());
