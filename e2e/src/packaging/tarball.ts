import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData, type ProblemKind } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { pnpm } from './pnpm.ts';
import type { WorkspacePackage } from './workspace-packages.ts';

/** The tarball that `pnpm publish` would upload. */
export interface Tarball {
  readonly file: string;
  readonly sizeBytes: number;
}

/** Packs a package into `destination`. Packing has to build it: what was built before is removed. */
export async function pack({ folder }: WorkspacePackage, destination: string): Promise<Tarball> {
  await rm(join(folder, 'dist'), { recursive: true, force: true });
  const output = await pnpm(['pack', '--json', '--pack-destination', destination], folder);
  const { filename } = JSON.parse(output) as { readonly filename: string };
  return { file: filename, sizeBytes: (await readFile(filename)).byteLength };
}

/** Problems that publint finds in a tarball, as text. */
export async function publintComplaints({ file }: Tarball): Promise<readonly string[]> {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  const tarball = buffer.slice(byteOffset, byteOffset + byteLength);
  const { messages, pkg } = await publint({ pack: { tarball } });
  return messages.map((message) => formatMessage(message, pkg) ?? message.code);
}

/**
 * Findings that are intended in every package. They are ES modules alone: `require` of them works on the Node versions that
 * `engines` names, but types seen from a CommonJS file are those of an ES module.
 */
const intended: ReadonlySet<ProblemKind> = new Set(['CJSResolvesToESM']);

/** Problems that arethetypeswrong finds in a tarball, as text. */
export async function typesComplaints({ file }: Tarball): Promise<readonly string[]> {
  const result = await checkPackage(createPackageFromTarballData(await readFile(file)));
  if (result.types === false) return ['no types'];
  return (
    result.problems
      .filter((problem) => !intended.has(problem.kind))
      // TypeScript's oldest resolution ("node10", deprecated) does not read export maps, and finds no entry point but the first.
      .filter((problem) => !('resolutionKind' in problem && problem.resolutionKind === 'node10'))
      .map((problem) => JSON.stringify(problem))
  );
}
