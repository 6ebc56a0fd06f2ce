import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflate } from '@sparticuz/chromium';
import { chooseBrowser } from './choose-browser.ts';

/** A browser on disk and the environment it needs. */
export interface ChromiumInstall {
  readonly executablePath: string;
  readonly environment: Readonly<Record<string, string>>;
}

const cacheFolder = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));
const fontsFile = 'fonts.conf';
const archives = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'];

let bundled: Promise<ChromiumInstall> | undefined;

/** The browser that the tests use; the bundled one is unpacked from its npm package the first time. */
export async function installChromium(): Promise<ChromiumInstall> {
  const { platform, arch, env } = process;
  const chosen = chooseBrowser({ platform, arch, environment: env, exists: existsSync });
  if (chosen !== 'bundled') return { executablePath: chosen, environment: {} };
  // Once in a process: unpacking changes its environment meanwhile.
  bundled ??= installBundled();
  return bundled;
}

async function installBundled(): Promise<ChromiumInstall> {
  const packageFolder = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const folder = join(cacheFolder, `chromium-${version}`);
  if (!existsSync(folder)) await unpack(join(packageFolder, 'bin'), folder);
  return environmentFor(folder);
}

/** Unpacks beside the final place and renames, so that no process ever sees half a browser. */
async function unpack(from: string, folder: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const beside = await mkdtemp(join(cacheFolder, 'unpacking-'));
  const temporaryFolder = process.env.TMPDIR;
  // The package unpacks into the system's temporary folder, and offers no way to change that.
  process.env.TMPDIR = beside;
  try {
    await Promise.all(archives.map((archive) => inflate(join(from, archive))));
    await writeFile(join(beside, fontsFile), fontsConfig(folder));
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  } finally {
    if (temporaryFolder === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporaryFolder;
  }
}

/** Points at the unpacked fonts: the browser dies on a machine that has none, and the package's own file knows only its place. */
function fontsConfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>
`;
}

/** The machine's own libraries if it has them all, else those that come with the browser. */
async function environmentFor(folder: string): Promise<ChromiumInstall> {
  const executablePath = join(folder, 'chromium');
  const fonts = { FONTCONFIG_FILE: join(folder, fontsFile) };
  const run = (environment: Record<string, string>) =>
    promisify(execFile)(executablePath, ['--version'], { env: { ...process.env, ...environment } });
  try {
    await run(fonts);
    return { executablePath, environment: fonts };
  } catch {
    const environment = { ...fonts, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') };
    await run(environment);
    return { executablePath, environment };
  }
}
