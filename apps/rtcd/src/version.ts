import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import type { VersionInfo } from '@rtcd/api';

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

/** Names that Go has for platforms (`go tool dist list`) where Node has others. */
const GO_OS: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', mipsel: 'mipsle' };

/** Spells `process.platform` and `process.arch` as Go does, for readers of `/version` that compare them. */
export function goPlatform(
  platform: string,
  arch: string,
  endianness: 'BE' | 'LE',
): { readonly goOS: string; readonly goArch: string } {
  const goArch = arch === 'ppc64' && endianness === 'LE' ? 'ppc64le' : (GO_ARCH[arch] ?? arch);
  return { goOS: GO_OS[platform] ?? platform, goArch };
}
