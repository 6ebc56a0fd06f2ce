import { readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import { ConfigError } from './errors.ts';

/** The tables of a TOML file, or undefined if there is no such file. */
export async function readTomlFile(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new ConfigError('unreadable_file', `cannot read the config file ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
  try {
    return parse(content.replace(/^\u{feff}/u, ''));
  } catch (cause) {
    if (!(cause instanceof TomlError)) {
      throw cause;
    }
    const [reason] = cause.message.split('\n');
    const where = `line ${cause.line}, column ${cause.column}`;
    throw new ConfigError('unreadable_file', `the config file ${path} is not valid TOML, ${where}: ${reason}`, {
      cause,
    });
  }
}
