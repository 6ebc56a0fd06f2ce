import { parseArgs } from 'node:util';
import { textOf } from '@rtcd/boundary';
import { DEFAULT_CONFIG_PATH } from '../config/load.ts';
import { UsageError } from '../errors.ts';

export type Command =
  | { readonly action: 'run'; readonly configPath: string }
  | { readonly action: 'help' }
  | { readonly action: 'version' };

export const USAGE = `Usage: rtcd [--config <file>]

The real-time media service behind Mattermost Calls.

  --config <file>  TOML file to read (default: ${DEFAULT_CONFIG_PATH}; if it is missing, everything has its default)
  --help           show this text
  --version        show the version

One dash does as well: -config <file>, -config=<file>, -help, -version.

Environment variables (RTCD_...) override the file. SIGTERM or SIGINT lets running calls end before the process does;
a second one ends them at once. SIGHUP reopens the log file.
`;

/** Parses the command line. Throws `UsageError`. */
export function parseArguments(args: readonly string[]): Command {
  const { config, help, version } = parse(args);
  if (help) return { action: 'help' };
  if (version) return { action: 'version' };
  return { action: 'run', configPath: config };
}

/** Go programs take long flags after one dash, and deployments of the original pass them so; `parseArgs` requires two. */
const withTwoDashes = (arg: string): string => arg.replace(/^-(?=(?:config|help|version)(?:=|$))/, '--');

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: args.map(withTwoDashes),
      options: {
        config: { type: 'string', default: DEFAULT_CONFIG_PATH },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(`${textOf(cause).split('\n')[0]} See rtcd --help`, { cause });
  }
}
