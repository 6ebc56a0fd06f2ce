import { execFile, execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const packageFile = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

let folder: string;

// The launcher where publishing puts it, beside a main.js that only says that it was started.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcd-launcher-'));
  await mkdir(join(folder, 'dist'));
  await copyFile(packageFile('package.json'), join(folder, 'package.json'));
  await copyFile(packageFile('src/launcher/rtcd.cjs'), join(folder, 'dist/rtcd.cjs'));
  await writeFile(join(folder, 'dist/main.js'), "console.log('started');");
});

afterAll(() => rm(folder, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(node: string, ...options: readonly string[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = execFile(node, [...options, join(folder, 'dist/rtcd.cjs')], (_error, stdout, stderr) => {
    resolve({ code: child.exitCode, stdout, stderr });
  });
  return promise;
}

/** This Node, which says that it is another one. */
async function launchAs(version: string): Promise<Outcome> {
  const pretence = join(folder, `${version}.cjs`);
  await writeFile(pretence, `Object.defineProperty(process, 'version', { value: '${version}' });`);
  return launch(process.execPath, '--require', pretence);
}

describe('the command rtcd', () => {
  it.each(['v22.12.0', 'v24.0.0', 'v100.1.0'])('starts on Node %s', async (version) => {
    expect(await launchAs(version)).toEqual({ code: 0, stdout: 'started\n', stderr: '' });
  });

  it.each(['v8.17.0', 'v20.20.2', 'v22.11.1'])('prints one line with its requirements on Node %s', async (version) => {
    expect(await launchAs(version)).toEqual({
      code: 1,
      stdout: '',
      stderr: `rtcd: needs Node 22.12 or newer, but ${process.execPath} is Node ${version.slice(1)}\n`,
    });
  });

  const old = findOldNode();
  if (old === undefined) console.warn('skipping the test with a real old Node: there is none in the PATH');

  it.skipIf(old === undefined)('is parsed by a Node that cannot run the rest', async () => {
    const { code, stderr } = await launch(old!);
    expect(stderr).toMatch(/^rtcd: needs Node 22\.12 or newer, but \S+ is Node \d+\.\d+\.\d+\n$/);
    expect(code).toBe(1);
  });
});

/** A Node of this machine below 22, if it has one besides that of the workspace. */
function findOldNode(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((path) => join(path, 'node'));
  return candidates.find((node) => {
    try {
      return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]) < 22;
    } catch {
      return false;
    }
  });
}
