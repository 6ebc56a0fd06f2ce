import { expect, it } from 'vitest';
import { chooseBrowser, type Machine } from './choose-browser.ts';

const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

function machine(platform: Machine['platform'], arch: Machine['arch'], files: string[], environment = {}): Machine {
  return { platform, arch, environment, exists: (path) => files.includes(path) };
}

it.each<[string, Machine, string]>([
  ['the bundled one on Linux on x64', machine('linux', 'x64', ['/usr/bin/chromium'], { PATH: '/usr/bin' }), 'bundled'],
  ['the named one', machine('linux', 'x64', ['/opt/chrome'], { RTCD_CHROMIUM: '/opt/chrome' }), '/opt/chrome'],
  ['the bundled one if the name is empty', machine('linux', 'x64', [], { RTCD_CHROMIUM: '' }), 'bundled'],
  ['the installed one on macOS', machine('darwin', 'arm64', [chrome]), chrome],
  ['the one in the PATH on arm64', machine('linux', 'arm64', ['/b/chromium'], { PATH: '/a:/b' }), '/b/chromium'],
])('is %s', (_, given, expected) => {
  expect(chooseBrowser(given)).toBe(expected);
});

it('is refused if the named one does not exist', () => {
  const given = machine('linux', 'x64', [], { RTCD_CHROMIUM: '/opt/chrome' });
  expect(() => chooseBrowser(given)).toThrow('RTCD_CHROMIUM=/opt/chrome: there is no such file');
});

it.each(['darwin', 'win32', 'linux'] as const)('names the variable to set where there is none on %s', (platform) => {
  expect(() => chooseBrowser(machine(platform, 'arm64', []))).toThrow(
    `(${platform} on arm64): install Chrome or Chromium, or set RTCD_CHROMIUM to the path of one`,
  );
});
