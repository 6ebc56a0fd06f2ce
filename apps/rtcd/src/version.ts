import { readFileSync } from 'node:fs';
import type { VersionInfo } from '@rtcd/api';

const PACKAGE_FILE = new URL('../package.json', import.meta.url);

/**
 * What this build is. Clients check `buildVersion` against the oldest version they work with, and skip the check for
 * `dev`: that is what a run from source and any build before 1.0.0 call themselves.
 */
export function readVersion(): VersionInfo {
  const { version } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string };
  return {
    buildDate: '',
    buildVersion: buildVersion(version, import.meta.url.endsWith('.ts')),
    buildHash: '',
    goVersion: `node ${process.version}`,
    goOS: process.platform,
    goArch: process.arch,
  };
}

/** The version as clients compare it: `vX.Y.Z`. */
export function buildVersion(packageVersion: string, isRunFromSource: boolean): string {
  return isRunFromSource || packageVersion.startsWith('0.') ? `dev-${packageVersion}` : `v${packageVersion}`;
}
