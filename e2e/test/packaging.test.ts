import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumers } from '../src/packaging/consumers.ts';
import { run } from '../src/packaging/run.ts';
import { pack, publintComplaints, type Tarball, typesComplaints } from '../src/packaging/tarball.ts';
import { publishablePackages } from '../src/packaging/workspace-packages.ts';

const packages = await publishablePackages();
const tarballs = new Map<string, Tarball>();
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'rtcd-packaging-')));
  for (const found of packages) tarballs.set(found.name, await pack(found, folder));
  const sizes = packages.map(({ name }) => `${name}: ${Math.ceil((tarballs.get(name)?.sizeBytes ?? 0) / 1024)} KiB`);
  console.log(`packed sizes\n${sizes.join('\n')}`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(packages)('the tarball of $name', ({ name }) => {
  it('has keywords and a README, and no source maps', async () => {
    const { file } = tarballs.get(name)!;
    const files = (await run('tar', ['-tzf', file], folder)).trimEnd().split('\n');
    expect(files).toContain('package/README.md');
    expect(files.filter((path) => path.endsWith('.map'))).toEqual([]);
    const manifest = JSON.parse(await run('tar', ['-xzOf', file, 'package/package.json'], folder));
    expect(manifest.keywords).toContain('rtcd');
  });

  it('has a README that links to nothing outside of it', async () => {
    const { file } = tarballs.get(name)!;
    const files = (await run('tar', ['-tzf', file], folder)).trimEnd().split('\n');
    const readme = await run('tar', ['-xzOf', file, 'package/README.md'], folder);
    const targets = [...readme.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => join('package', path));
    expect(targets.filter((target) => !files.includes(target))).toEqual([]);
  });

  it('is fine with publint', async () => {
    expect(await publintComplaints(tarballs.get(name)!)).toEqual([]);
  });

  it('has types for every kind of module resolution', async () => {
    expect(await typesComplaints(tarballs.get(name)!)).toEqual([]);
  });
});

it('can be installed globally into its own folder, as in the guide for operators', async () => {
  const prefix = join(folder, 'opt');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await run(
    'npm',
    ['install', '--global', `--prefix=${prefix}`, ...quiet, ...[...tarballs.values()].map(({ file }) => file)],
    folder,
  );
  expect(await run(join(prefix, 'bin/rtcd'), ['--version'], folder)).toMatch(/^rtcd /);
});

describe('a folder with all tarballs installed', () => {
  let consumers: Consumers;

  beforeAll(async () => {
    consumers = await Consumers.create(join(folder, 'consumers'), [...tarballs.values()]);
  });

  it.each(packages.flatMap(({ entryPoints }) => entryPoints))('imports and requires %s', async (entryPoint) => {
    const { imported, required } = await consumers.exportsOf(entryPoint);
    expect(imported).not.toEqual([]);
    expect(required).toEqual(imported);
  });

  it.each(['esm', 'commonjs'])(
    'has a project in TypeScript that compiles against the types and runs: %s',
    async (name) => {
      await consumers.compile(name);
      expect(await consumers.run(name)).toBe('ok\n');
    },
  );

  it('has READMEs whose examples compile', async () => {
    await consumers.compileReadmes(packages);
  });

  it('has a project whose tests run with Jest', async () => {
    expect(await consumers.runJest('jest')).toBe(3);
  });

  it('has the command rtcd', async () => {
    const { version } = packages.find(({ name }) => name === 'rtcd')!;
    expect(await consumers.command('rtcd', '--version')).toContain(version);
  });
});
