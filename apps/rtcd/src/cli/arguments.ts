import { parseArgs } from 'node:util';
import { textOf } from '@rtcd/boundary';
import { DEFAULT_CONFIG_PATH } from '../config/load.ts';
import type { DoctorOptions } from '../doctor/doctor.ts';
import { UsageError } from '../errors.ts';

export type Command =
  | { readonly action: 'run'; readonly configPath: string }
  | ({ readonly action: 'doctor'; readonly json: boolean } & DoctorOptions)
  | { readonly action: 'help' }
  | { readonly action: 'version' };

export const USAGE = `Usage: rtcd [--config <file>]
       rtcd doctor [--config <file>] [--json] [--stun <url>]... [--peer <url>] [--host <name>]

The real-time media service behind Mattermost Calls.

  --config <file>  TOML file to read (default: ${DEFAULT_CONFIG_PATH}; if it is missing, everything has its default)
  --help           show this text
  --version        show the version

One dash does as well: -config <file>, -config=<file>, -help, -version.

rtcd doctor examines the configuration, this machine, and its network, and advises on everything that keeps media from flowing. It ends with 0 if
nothing is wrong, 1 after warnings, and 2 after errors. Its output contains no secrets.

  --json           print the report as JSON
  --stun <url>     ask this STUN server, too, such as stun:stun.example.com:3478
  --peer <url>     compare the clock with that of this HTTP server, such as https://mattermost.example.com
  --host <name>    see that the TLS certificate is for this host name or IP address, by which clients reach the API

Environment variables (RTCD_...) override the file. SIGTERM or SIGINT lets running calls end before the process does;
a second one ends them at once. SIGHUP reopens the log file.
`;

const COMMON_OPTIONS = {
  config: { type: 'string', default: DEFAULT_CONFIG_PATH },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const RUN_OPTIONS = { ...COMMON_OPTIONS, version: { type: 'boolean', short: 'v', default: false } } as const;

const DOCTOR_OPTIONS = {
  ...COMMON_OPTIONS,
  json: { type: 'boolean', default: false },
  stun: { type: 'string', multiple: true, default: [] as string[] },
  peer: { type: 'string' },
  host: { type: 'string' },
} as const;

/** Parses the command line. Throws `UsageError`. */
export function parseArguments(args: readonly string[]): Command {
  try {
    return args[0] === 'doctor' ? parseDoctor(args.slice(1)) : parseRun(args);
  } catch (cause) {
    throw new UsageError(`${textOf(cause).split('\n')[0]} See rtcd --help`, { cause });
  }
}

function parseRun(args: readonly string[]): Command {
  const { config, help, version } = parseArgs({ args: args.map(withTwoDashes), options: RUN_OPTIONS }).values;
  if (help) return { action: 'help' };
  if (version) return { action: 'version' };
  return { action: 'run', configPath: config };
}

function parseDoctor(args: readonly string[]): Command {
  const { values } = parseArgs({ args: args.map(withTwoDashes), options: DOCTOR_OPTIONS });
  const { config: configPath, help, json, stun: stunServers, peer, host } = values;
  if (help) return { action: 'help' };
  if (peer !== undefined && !/^https?:$/.test(URL.parse(peer)?.protocol ?? '')) {
    throw new Error(`Option '--peer' should be an http or https URL.`);
  }
  const noServer = stunServers.find((url) => !url.startsWith('stun:'));
  if (noServer !== undefined) throw new Error(`Option '--stun' should be a stun: URL.`);
  return {
    action: 'doctor',
    json,
    configPath,
    stunServers,
    ...(peer !== undefined && { peer }),
    ...(host !== undefined && { host }),
  };
}

/** Go programs take long flags after one dash, and deployments of the original pass them so; `parseArgs` requires two. */
const withTwoDashes = (arg: string): string => arg.replace(/^-(?=(?:config|help|version)(?:=|$))/, '--');
