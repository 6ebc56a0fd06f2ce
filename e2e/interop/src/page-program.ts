import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The peer program of browsers as one classic script. */
export async function bundlePageProgram(): Promise<string> {
  const page = fileURLToPath(new URL('../programs/browser/page.ts', import.meta.url));
  const { outputFiles } = await build({ entryPoints: [page], bundle: true, write: false, format: 'iife' });
  return outputFiles[0]?.text ?? '';
}
