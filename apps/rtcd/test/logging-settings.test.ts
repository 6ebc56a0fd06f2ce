import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { spawnRtcd } from './rtcd-process.ts';

// Each test starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const WARNING = 'the environment variable RTCD_NO_SUCH_SETTING is not a setting: ignored';

/** The log of a process that warns of an unknown setting and then cannot start. */
async function logsWith(environment: Readonly<Record<string, string>>) {
  const unusable = { RTCD_NO_SUCH_SETTING: '1', RTCD_STORE_DATASOURCE: '/dev/null/db' };
  const { child, exit, folder } = await spawnRtcd({ environment: { ...unusable, ...environment } });
  const [output] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(await exit).toBe(1);
  const path = join(folder, environment.RTCD_LOGGER_FILELOCATION ?? 'rtcd.log');
  return {
    output,
    readFile: () => readFile(path, 'utf8'),
    hasFile: () =>
      access(path).then(
        () => true,
        () => false,
      ),
  };
}

const linesOf = (json: string): readonly object[] =>
  json
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

it('by default the console has plain lines, and rtcd.log has JSON', async () => {
  const { output, readFile } = await logsWith({});
  expect(output).toMatch(new RegExp(`WARN.*: ${WARNING}`));
  expect(linesOf(await readFile())).toContainEqual(expect.objectContaining({ level: 'warn', msg: WARNING }));
});

it('logger.console_json', async () => {
  const { output } = await logsWith({ RTCD_LOGGER_CONSOLEJSON: 'true' });
  expect(linesOf(output)).toContainEqual(expect.objectContaining({ level: 'warn', msg: WARNING }));
});

it('logger.enable_color', async () => {
  const ansi = '\u001b[';
  expect((await logsWith({})).output).not.toContain(ansi);
  expect((await logsWith({ RTCD_LOGGER_ENABLECOLOR: 'true' })).output).toContain(ansi);
});

it('logger.enable_console', async () => {
  const { output, readFile } = await logsWith({ RTCD_LOGGER_ENABLECONSOLE: 'false' });
  expect(output).toBe('');
  expect(await readFile()).toContain(WARNING);
});

it('logger.console_level', async () => {
  const { output, readFile } = await logsWith({ RTCD_LOGGER_CONSOLELEVEL: 'ERROR' });
  expect(output).not.toContain(WARNING);
  expect(await readFile()).toContain(WARNING);
});

it('logger.enable_file and file_location', async () => {
  const off = await logsWith({ RTCD_LOGGER_ENABLEFILE: 'false' });
  expect(off.output).toContain(WARNING);
  expect(await off.hasFile()).toBe(false);
  const elsewhere = await logsWith({ RTCD_LOGGER_FILELOCATION: 'other.log' });
  expect(await elsewhere.readFile()).toContain(WARNING);
});
