import { delimiter, join } from 'node:path';

/** Names a browser of this machine to use instead of the bundled or an installed one. */
export const browserVariable = 'RTCD_CHROMIUM';

/** The machine that tests run on, as far as it decides on the browser. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  readonly environment: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
}

const MAC_BROWSERS = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
const LINUX_BROWSERS = ['google-chrome', 'chromium', 'chromium-browser'];
const WINDOWS_BROWSER = 'Google/Chrome/Application/chrome.exe';

/** The path of the browser to use: the named one, else the bundled one where it runs, else an installed one. */
export function chooseBrowser(machine: Machine): string | 'bundled' {
  const { platform, arch, environment, exists } = machine;
  const named = environment[browserVariable];
  if (named) {
    if (!exists(named)) throw new Error(`${browserVariable}=${named}: there is no such file`);
    return named;
  }
  if (platform === 'linux' && arch === 'x64') return 'bundled';
  const installed = usualPlaces(machine).find(exists);
  if (installed !== undefined) return installed;
  throw new Error(
    `the bundled Chromium runs on Linux on x64 alone, and no other was found on this machine (${platform} on ${arch}): ` +
      `install Chrome or Chromium, or set ${browserVariable} to the path of one`,
  );
}

function usualPlaces({ platform, environment }: Machine): readonly string[] {
  const folders = (names: readonly string[]) => names.flatMap((name) => environment[name] ?? []);
  switch (platform) {
    case 'darwin':
      return MAC_BROWSERS;
    case 'win32':
      return folders(['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']).map((path) => join(path, WINDOWS_BROWSER));
    default: {
      const path = (environment.PATH ?? '').split(delimiter);
      return LINUX_BROWSERS.flatMap((name) => path.map((folder) => join(folder, name)));
    }
  }
}
