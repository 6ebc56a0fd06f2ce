import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { textOf } from '@rtcd/boundary';
import { newID } from '@rtcd/protocol';
import { z } from 'zod';
import { DemoError } from './errors.ts';

/** Credentials of this installation at rtcd. */
export interface Credentials {
  readonly clientID: string;
  /** At least 32 characters, or rtcd refuses it. */
  readonly authKey: string;
}

/** The same, and whether rtcd cannot know them yet. */
export interface LoadedCredentials extends Credentials {
  readonly isNew: boolean;
}

const credentialsSchema = z.object({ clientID: z.string().min(1), authKey: z.string().min(32) });

/** The credentials kept in `file`, made up and written there the first time: rtcd remembers its clients, so must we. */
export async function loadCredentials(file: string): Promise<LoadedCredentials> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new DemoError('bad_credentials_file', `cannot read ${file}: ${cause.message}`, { cause });
  });
  return text === undefined ? create(file) : parse(text, file);
}

async function create(file: string): Promise<LoadedCredentials> {
  const credentials = { clientID: `demo-${newID()}`, authKey: randomBytes(32).toString('base64url') };
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new DemoError('bad_credentials_file', `cannot write ${file}: ${textOf(cause)}`, { cause });
  }
  return { ...credentials, isNew: true };
}

function parse(text: string, file: string): LoadedCredentials {
  try {
    return { ...credentialsSchema.parse(JSON.parse(text)), isNew: false };
  } catch (cause) {
    throw new DemoError(
      'bad_credentials_file',
      `${file} does not contain valid credentials: delete it to create new ones`,
      { cause },
    );
  }
}
