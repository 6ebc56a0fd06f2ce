import { supportsVersion } from '@rtcd/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependenciesOf } from '../src/packaging/imports.ts';
import { pnpm } from '../src/packaging/pnpm.ts';
import { ReleaseRehearsal } from '../src/packaging/release-rehearsal.ts';
import { publishablePackages, workspaceFolder } from '../src/packaging/workspace-packages.ts';

interface Publication {
  readonly name: string;
  readonly files: readonly { readonly path: string }[];
}

const packages = await publishablePackages();
const names = packages.map(({ name }) => name);

/** Files outside of dist that a README sends its readers to. */
const linkedFromReadme: ReadonlyMap<string, readonly string[]> = new Map([
  ['rtcd', ['config.sample.toml']],
  ['@rtcd/client', ['examples/calls-plugin.ts']],
  ['@rtcd/participant', ['examples/polite-player.ts']],
]);

describe('publishing', () => {
  let publications: readonly Publication[];

  beforeAll(async () => {
    publications = JSON.parse(await pnpm(['--silent', 'run', 'release:dry-run', '--json'], workspaceFolder));
  });

  it('uploads every package', () => {
    expect(publications.map(({ name }) => name).sort()).toEqual(names);
  });

  it.each(names)('uploads only the build, the README with the files it links to, and the license of %s', (name) => {
    const paths = publications.find((published) => published.name === name)!.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']));
    const alsoPublished = linkedFromReadme.get(name) ?? [];
    expect(paths.filter((path) => !path.startsWith('dist/')).sort()).toEqual(
      ['LICENSE', 'README.md', 'package.json', ...alsoPublished].sort(),
    );
  });
});

it.each(packages)('$name depends on what it imports, and on nothing else', (found) => {
  const { imported, declared } = dependenciesOf(found);
  expect(imported).toEqual(declared);
});

describe('versioning', () => {
  let rehearsal: ReleaseRehearsal;
  let versions: ReadonlyMap<string, string>;

  beforeAll(async () => {
    rehearsal = await ReleaseRehearsal.create();
    versions = await rehearsal.version();
  });

  afterAll(() => rehearsal.remove());

  it('gives all packages one version, which clients accept as a release with a signaling lock', () => {
    expect([...versions.keys()]).toEqual(names);
    expect(new Set(versions.values()).size).toBe(1);
    expect(supportsVersion(`v${versions.get('rtcd')}`, 'v1.1.0')).toBe(true);
  });

  it('shows in the version that the service reports', async () => {
    expect(await rehearsal.serviceVersion()).toMatch(new RegExp(`^rtcd v${versions.get('rtcd')} `));
  });
});
