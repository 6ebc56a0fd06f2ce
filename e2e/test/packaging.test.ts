import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsumerProject } from '../src/packaging/consumer.ts';
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

  it('is fine with publint', async () => {
    expect(await publintComplaints(tarballs.get(name)!)).toEqual([]);
  });

  it('has types that every way of resolving finds', async () => {
    expect(await typesComplaints(tarballs.get(name)!)).toEqual([]);
  });
});

it('is installed globally into a folder of its own, as the guide for operators says', async () => {
  const prefix = join(folder, 'opt');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await run(
    'npm',
    ['install', '--global', `--prefix=${prefix}`, ...quiet, ...[...tarballs.values()].map(({ file }) => file)],
    folder,
  );
  expect(await run(join(prefix, 'bin/rtcd'), ['--version'], folder)).toMatch(/^rtcd /);
});

describe('a project with all tarballs installed', () => {
  let project: ConsumerProject;

  beforeAll(async () => {
    project = await ConsumerProject.create(join(folder, 'consumer'), [...tarballs.values()]);
  });

  it.each(packages.flatMap(({ entryPoints }) => entryPoints))('imports %s', async (entryPoint) => {
    expect(await project.exportsOf(entryPoint)).not.toEqual([]);
  });

  it('compiles against the types and runs', async () => {
    await project.compile();
    expect(await project.runFixture()).toBe('ok\n');
  });

  it('has the command rtcd', async () => {
    const { version } = packages.find(({ name }) => name === 'rtcd')!;
    expect(await project.command('rtcd', '--version')).toContain(version);
  });
});
