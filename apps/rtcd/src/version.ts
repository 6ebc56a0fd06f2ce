import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import type { VersionInfo } from '@rtcd/api';
import { goPlatform } from './go-platform.ts';

const PACKAGE_FILE = new URL('../package.json', import.meta.url);

/**
 * Identifies this build. Clients check `buildVersion` against the oldest version that they work with, and skip the check
 * for `dev`: a run from source and any build before 1.1.0 call themselves so.
 */
export function readVersion(): VersionInfo {
  const { version } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string };
  return {
    buildDate: '',
    buildVersion: buildVersion(version, import.meta.url.endsWith('.ts')),
    buildHash: '',
    goVersion: `node ${process.version}`,
    ...goPlatform(process.platform, process.arch, endianness()),
  };
}

/** The version as clients compare it: `vX.Y.Z`. */
export function buildVersion(packageVersion: string, isRunFromSource: boolean): string {
  return isRunFromSource || isBeforeFirstRelease(packageVersion) ? `dev-${packageVersion}` : `v${packageVersion}`;
}

/** Clients switch their signaling lock off below v1.1.0, its pre-releases included, and leave it on for `dev`. */
const isBeforeFirstRelease = (version: string): boolean => /^(?:0\.|1\.0\.|1\.1\.0-)/.test(version);
