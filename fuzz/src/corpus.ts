import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

const FOLDER = new URL('../corpus/', import.meta.url);

const fileOf = (name: string): URL => new URL(`${name}.json.gz`, FOLDER);

/** Reads the kept inputs of a parser: gzip of a JSON array of base64. */
export function readCorpus(name: string): Buffer[] {
  const file = fileOf(name);
  if (!existsSync(file)) return [];
  const inputs = JSON.parse(gunzipSync(readFileSync(file)).toString()) as readonly string[];
  return inputs.map((base64) => Buffer.from(base64, 'base64'));
}

/** Replaces the kept inputs of a parser. */
export function writeCorpus(name: string, inputs: readonly Uint8Array[]): void {
  mkdirSync(FOLDER, { recursive: true });
  const base64 = inputs.map((input) => Buffer.from(input).toString('base64'));
  writeFileSync(fileOf(name), gzipSync(JSON.stringify(base64), { level: 9 }));
}
