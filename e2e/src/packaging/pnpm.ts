import { run } from './run.ts';

/** Runs pnpm in a folder: the pnpm that runs this test if one does, else the same major version from the registry. */
export function pnpm(args: readonly string[], folder: string): Promise<string> {
  const runner = process.env.npm_execpath;
  if (runner === undefined || !/pnpm[^/\\]*$/.test(runner)) return run('npx', ['--yes', 'pnpm@12', ...args], folder);
  return /\.[cm]?js$/.test(runner) ? run(process.execPath, [runner, ...args], folder) : run(runner, args, folder);
}
