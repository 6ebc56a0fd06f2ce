import { describe, expect, it } from 'vitest';
import { buildVersion, goPlatform } from './version.ts';

describe('the version of a build', () => {
  it.each(['1.1.0', '1.2.3', '1.10.0', '2.0.0', '1.2.0-rc.1'])('is comparable for the release %s', (version) => {
    expect(buildVersion(version, false)).toBe(`v${version}`);
  });

  it('is dev for a run from source', () => {
    expect(buildVersion('1.2.3', true)).toBe('dev-1.2.3');
  });

  it.each(['0.9.0', '1.0.0', '1.0.99', '1.1.0-rc.1'])(
    'is dev for %s: clients disable their signaling lock below v1.1.0',
    (version) => {
      expect(buildVersion(version, false)).toBe(`dev-${version}`);
    },
  );
});

it.each([
  ['linux', 'x64', 'linux', 'amd64'],
  ['linux', 'arm64', 'linux', 'arm64'],
  ['linux', 'arm', 'linux', 'arm'],
  ['linux', 'ia32', 'linux', '386'],
  ['linux', 'riscv64', 'linux', 'riscv64'],
  ['linux', 'loong64', 'linux', 'loong64'],
  ['linux', 's390x', 'linux', 's390x'],
  ['darwin', 'arm64', 'darwin', 'arm64'],
  ['win32', 'x64', 'windows', 'amd64'],
])('spells %s %s as Go does: %s %s', (platform, arch, goOS, goArch) => {
  expect(goPlatform(platform, arch, arch === 's390x' ? 'BE' : 'LE')).toEqual({ goOS, goArch });
});

it('distinguishes the byte orders of ppc64 and mips as Go does', () => {
  expect(goPlatform('linux', 'ppc64', 'LE').goArch).toBe('ppc64le');
  expect(goPlatform('linux', 'ppc64', 'BE').goArch).toBe('ppc64');
  expect(goPlatform('linux', 'mipsel', 'LE').goArch).toBe('mipsle');
});
