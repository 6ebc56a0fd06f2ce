import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { decodeDataChannelMessage } from '../src/index.ts';

const USE = `
  import { decodeDataChannelMessage, encodeDataChannelMessage, newID } from '../src/index.ts';
  const description = { type: 'offer', sdp: 'v=0\\r\\n' };
  const bytes = encodeDataChannelMessage({ type: 'sdp', description });
  globalThis.result = { id: newID(), bytes: [...bytes], description: decodeDataChannelMessage(bytes).description };
`;

it('a bundle for browsers needs nothing from Node, and interoperates with Node', async () => {
  const { outputFiles, warnings, metafile } = await build({
    stdin: { contents: USE, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
    metafile: true,
  });
  expect(warnings).toEqual([]);
  // Of zod's forty languages and more, one: bundlers can leave out what is not used.
  const { inputs } = Object.values(metafile.outputs)[0]!;
  expect(Object.keys(inputs).filter((path) => path.includes('/locales/'))).toHaveLength(1);

  // What browsers have and a bare context lacks; nothing of Node.
  const context = createContext({ TextEncoder, TextDecoder, crypto, URL, Uint8Array, performance });
  runInContext(outputFiles[0]?.text ?? '', context);
  const { id, bytes, description } = context.result;
  expect(id).toMatch(/^[ybndrfg8ejkmcpqxot1uwisza345h769]{26}$/);
  expect(description).toEqual({ type: 'offer', sdp: 'v=0\r\n' });
  expect(decodeDataChannelMessage(Uint8Array.from(bytes))).toEqual({ type: 'sdp', description });
});
