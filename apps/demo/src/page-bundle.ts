import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A file of the page as it is served. */
export interface PageFile {
  readonly contentType: string;
  readonly text: string;
}

const inPage = (name: string) => fileURLToPath(new URL(`page/${name}`, import.meta.url));

/** The page's files by path. The TypeScript is bundled in memory, so a restart is all that an edit needs. */
export async function bundlePage(): Promise<ReadonlyMap<string, PageFile>> {
  const [html, css, icon, bundle] = await Promise.all([
    readFile(inPage('index.html'), 'utf8'),
    readFile(inPage('style.css'), 'utf8'),
    readFile(inPage('icon.svg'), 'utf8'),
    build({
      entryPoints: [inPage('main.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      sourcemap: 'inline',
      logLevel: 'silent',
    }),
  ]);
  return new Map([
    ['/', { contentType: 'text/html; charset=utf-8', text: html }],
    ['/style.css', { contentType: 'text/css; charset=utf-8', text: css }],
    ['/icon.svg', { contentType: 'image/svg+xml', text: icon }],
    ['/main.js', { contentType: 'text/javascript; charset=utf-8', text: bundle.outputFiles[0]?.text ?? '' }],
  ]);
}
