import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it('listens on the loopback interface unless told otherwise', () => {
  expect(parseOptions([])).toMatchObject({ host: '127.0.0.1', port: 8046, help: false });
  expect(parseOptions(['--host', '0.0.0.0', '--port', '0'])).toMatchObject({ host: '0.0.0.0', port: 0 });
});

it('keeps data in the repository unless told otherwise', () => {
  expect(parseOptions([]).dataFolder).toBe(join(import.meta.dirname, '../../../data'));
  expect(parseOptions(['--data', '/srv/demo']).dataFolder).toBe('/srv/demo');
});

it.each([
  [['--port', 'x'], '--port x: should be a number from 0 to 65535'],
  [['--port', '65536'], '--port 65536: should be a number from 0 to 65535'],
  [['--prot', '1'], "Unknown option '--prot'"],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
