import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { textOf } from '@rtcd/boundary';
import { DemoError } from './errors.ts';

export interface StartOptions {
  readonly host: string;
  readonly port: number;
  /** Absolute path. */
  readonly dataFolder: string;
  readonly help: boolean;
}

/** `data` in the root of the repository: a place that outlives a restart of the machine, and that git ignores. */
const defaultDataFolder = join(fileURLToPath(new URL('../../..', import.meta.url)), 'data');

export const usage = `Starts rtcd and the demo page.

  --host <address>   where the demo page listens (127.0.0.1). 0.0.0.0 lets others in; their browsers
                     give the page a microphone only over https.
  --port <number>    port of the demo page (8046); 0 takes a free one.
  --data <folder>    where rtcd's store and the demo's credentials are kept (data in the repository).
  --help             this text.

rtcd reads its RTCD_... environment variables, for example RTCD_RTC_ICEPORTUDP.`;

/** Reads the command line. Throws `DemoError` with the correct form. */
export function parseOptions(args: readonly string[]): StartOptions {
  const { host, port, data, help } = parse(args);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new DemoError('invalid_option', `--port ${port}: should be a number from 0 to 65535`);
  }
  return { host, port: Number(port), dataFolder: resolve(data), help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8046' },
        data: { type: 'string', default: defaultDataFolder },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new DemoError('invalid_option', `${textOf(cause)}\n\n${usage}`, { cause });
  }
}
