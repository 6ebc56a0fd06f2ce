import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from './run.ts';
import { publishablePackages, workspaceFolder } from './workspace-packages.ts';

const changesets = createRequire(join(workspaceFolder, 'package.json')).resolve('@changesets/cli/bin.js');

/** A copy of everything that the release tools read, to bump versions in. */
export class ReleaseRehearsal {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<ReleaseRehearsal> {
    const folder = await mkdtemp(join(tmpdir(), 'rtcd-release-'));
    const manifests = await run('git', ['ls-files', 'package.json', '*/package.json'], workspaceFolder);
    const files = [...manifests.trim().split('\n'), 'pnpm-workspace.yaml', '.changeset'];
    for (const file of files) await cp(join(workspaceFolder, file), join(folder, file), { recursive: true });
    await run('git', ['init', '--quiet', '--initial-branch=main'], folder);
    await run('git', ['add', '--all'], folder);
    const author = ['-c', 'user.name=release', '-c', 'user.email=release@localhost'];
    await run('git', [...author, 'commit', '--quiet', '--message=before'], folder);
    return new ReleaseRehearsal(folder);
  }

  /** Bumps versions as a release does; the versions of the packages by name. */
  async version(): Promise<ReadonlyMap<string, string>> {
    await run(process.execPath, [changesets, 'version'], this.folder);
    const versions = new Map<string, string>();
    for (const { name, folder } of await publishablePackages()) {
      const manifest = await readFile(join(this.folder, relative(workspaceFolder, folder), 'package.json'), 'utf8');
      versions.set(name, (JSON.parse(manifest) as { readonly version: string }).version);
    }
    return versions;
  }

  /** Output of `--version` from the built service, published with the bumped version. */
  async serviceVersion(): Promise<string> {
    const [from, to] = [join(workspaceFolder, 'apps/rtcd'), join(this.folder, 'apps/rtcd')];
    await cp(join(from, 'dist'), join(to, 'dist'), { recursive: true });
    await symlink(join(from, 'node_modules'), join(to, 'node_modules'));
    return run(process.execPath, [join(to, 'dist/main.js'), '--version'], this.folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
