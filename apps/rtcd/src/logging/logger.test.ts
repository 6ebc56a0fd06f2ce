import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultConfig } from '../config/load.ts';
import type { Config } from '../config/settings.ts';
import { openLogging } from './logger.ts';
import { openRotatingFile } from './rotating-file.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function logTo(config: Partial<Config['logger']>) {
  const path = join(await temporaryFolder(), 'logs', 'rtcd.log');
  const logging = await openLogging({
    ...defaultConfig().logger,
    enable_console: false,
    file_location: path,
    ...config,
  });
  return { ...logging, path, lines: async () => (await readFile(path, 'utf8')).trimEnd().split('\n') };
}

describe('the log file', () => {
  it('contains a JSON object per line, is private, and gets its folder created', async () => {
    const { logger, close, lines, path } = await logTo({});
    logger.child({ groupID: 'g' }).info({ sessionID: 's' }, 'session joined');
    await close();
    expect((await lines()).map((line) => JSON.parse(line))).toEqual([
      {
        level: 'info',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        groupID: 'g',
        sessionID: 's',
        msg: 'session joined',
      },
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('can be plain text: one line per event, with the stacks of errors', async () => {
    const { logger, close, lines } = await logTo({ file_json: false });
    logger.error({ err: new Error('disk\non fire'), sessionID: 's\nINFO: forged' }, 'it broke');
    await close();
    expect(await lines()).toEqual([
      expect.stringMatching(
        /^\[[\d-]+ [\d:.]+ [+-]\d{4}\] ERROR: it broke \{"err":\{.*"stack":.*"sessionID":"s\\nINFO: forged"/,
      ),
    ]);
  });

  it('contains events of its level and above', async () => {
    const { logger, close, lines } = await logTo({ file_level: 'WARN' });
    logger.debug({}, 'debug');
    logger.info({}, 'info');
    logger.warn({}, 'warn');
    logger.error({}, 'error');
    await close();
    expect((await lines()).map((line) => JSON.parse(line).msg)).toEqual(['warn', 'error']);
  });

  it('contains no secrets, wherever in the fields they are', async () => {
    const { logger, close, lines } = await logTo({});
    const secret = 'hunter2';
    logger.info({ authKey: secret, headers: { authorization: secret }, a: { b: { bearerToken: secret } } }, 'request');
    await close();
    const [line] = await lines();
    expect(line).not.toContain(secret);
    expect(line).toContain('[Redacted]');
  });

  it('has short lines, whatever is logged', async () => {
    const { logger, close, lines } = await logTo({});
    const long = 'x'.repeat(60_000);
    logger
      .child({ clientID: long })
      .warn({ err: new Error(long), error: long, list: Array(10_000).fill(long), a: { b: { c: { d: long } } } }, long);
    await close();
    const [line = ''] = await lines();
    expect(line.length).toBeLessThan(50_000);
    const { clientID, err, error, msg } = JSON.parse(line);
    for (const text of [clientID, err.message, error, msg]) {
      expect(text).toBe(`${'x'.repeat(1024)}... (58976 more characters)`);
    }
  });

  it('is written at once by flush, before the process ends', async () => {
    const { logger, flush, close, lines } = await logTo({});
    onTestFinished(close);
    logger.info({}, 'first');
    await expect.poll(lines).toHaveLength(1);
    logger.error({}, 'last words');
    flush();
    expect((await lines()).map((line) => JSON.parse(line).msg)).toContain('last words');
  });

  it('can be closed twice', async () => {
    const { logger, close, lines } = await logTo({});
    logger.info({}, 'last');
    await Promise.all([close(), close()]);
    await close();
    expect(await lines()).toHaveLength(1);
  });

  it('is refused if it cannot be written', async () => {
    const folder = await temporaryFolder();
    await expect(logTo({ file_location: folder })).rejects.toThrow(`cannot write the log file ${folder}`);
  });
});

describe('rotation', () => {
  it('renames a full file and begins a new one, losing no line, and keeps the newest', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'rtcd.log');
    await writeFile(join(folder, 'rtcd-2020-01-01T00-00-00.000Z.log'), 'old');
    await writeFile(join(folder, 'rtcd-notes.log'), 'not ours');
    await writeFile(path, 'x'.repeat(90));
    const errors: Error[] = [];
    const file = openRotatingFile({ path, maxBytes: 100, keep: 2, onError: (error) => errors.push(error) });
    file.write('the line that makes it full\n');
    await expect.poll(() => readdir(folder)).toHaveLength(4);
    file.write('a line in the new file\n');
    await file.close();

    const aside = (await readdir(folder)).filter((name) => /^rtcd-2\d{3}-/.test(name)).sort();
    expect(aside).toHaveLength(2);
    expect(await readFile(join(folder, aside[1]!), 'utf8')).toBe(`${'x'.repeat(90)}the line that makes it full\n`);
    expect(await readFile(path, 'utf8')).toBe('a line in the new file\n');
    expect(await readdir(folder)).toContain('rtcd-notes.log');
    expect(errors).toEqual([]);

    const again = openRotatingFile({ path, maxBytes: 10, keep: 1, onError: (error) => errors.push(error) });
    again.write('full again\n');
    await expect.poll(async () => (await readdir(folder)).filter((name) => /^rtcd-2\d{3}-/.test(name)).length).toBe(1);
    await again.close();
    expect(await readdir(folder)).not.toContain(aside[0]);
  });
});
