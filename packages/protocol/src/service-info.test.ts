import { expect, it } from 'vitest';
import { systemInfoFromJSON, systemInfoToJSON, versionInfoFromJSON } from './service-info.ts';

it('reads a version, with empty strings for missing and null fields', () => {
  expect(versionInfoFromJSON({ buildVersion: 'v1.2.3', goOS: null, later: 'ignored' })).toEqual({
    buildDate: '',
    buildVersion: 'v1.2.3',
    buildHash: '',
    goVersion: '',
    goOS: '',
    goArch: '',
  });
});

it('reads the load that it wrote', () => {
  expect(systemInfoFromJSON(systemInfoToJSON({ cpuLoad: 0.5 }))).toEqual({ cpuLoad: 0.5 });
});

it.each([
  ['a version that is not an object', () => versionInfoFromJSON('v1'), 'invalid version info: '],
  [
    'a version that is not text',
    () => versionInfoFromJSON({ buildVersion: 1 }),
    'invalid version info: buildVersion: ',
  ],
  ['a load that is missing', () => systemInfoFromJSON({}), 'invalid system info: cpu_load: '],
])('refuses %s', (_, read, message) => {
  expect(read).toThrow(expect.objectContaining({ code: 'invalid_message', message: expect.stringContaining(message) }));
});
