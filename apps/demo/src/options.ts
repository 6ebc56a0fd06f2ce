import { parseArgs } from 'node:util';
import { DemoError } from './errors.ts';

export interface StartOptions {
  readonly host: string;
  readonly port: number;
  readonly help: boolean;
}

export const usage = `Starts rtcd and the demo page.

  --host <address>   where the demo page listens (127.0.0.1). 0.0.0.0 lets others in; their browsers
                     give the page a microphone only over https.
  --port <number>    port of the demo page (8046); 0 takes a free one.
  --help             this text.

rtcd reads its RTCD_... environment variables, for example RTCD_RTC_ICEPORTUDP.`;

/** Reads the command line. Throws a DemoError that says what to write instead. */
export function parseOptions(args: readonly string[]): StartOptions {
  const { host, port, help } = parse(args);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new DemoError('invalid_option', `--port ${port}: should be a number from 0 to 65535`);
  }
  return { host, port: Number(port), help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8046' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new DemoError('invalid_option', `${(cause as Error).message}\n\n${usage}`, { cause });
  }
}
