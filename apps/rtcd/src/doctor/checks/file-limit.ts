import { readFile } from 'node:fs/promises';
import { textOf } from '@rtcd/boundary';
import type { Finding } from '../finding.ts';

const PROCESS_LIMITS = '/proc/self/limits';

/** Each WebSocket, HTTP connection, and peer on TCP is an open file: room for the 10,000 sessions of a full service. */
const ENOUGH = 16_384;
/** Room for a few hundred users with little else. */
const TOO_FEW = 1_024;

/** Reads the limit on open files of this process. Node raises the soft limit to the hard one at its start. */
export async function checkFileLimit(): Promise<Finding[]> {
  try {
    return judgeFileLimit(parseFileLimit(await readFile(PROCESS_LIMITS, 'latin1')));
  } catch (error) {
    return [{ check: 'files', level: 'note', message: `The limit on open files is unknown: ${textOf(error)}.` }];
  }
}

export function judgeFileLimit(limit: number): Finding[] {
  if (limit >= ENOUGH) return [{ check: 'files', level: 'ok', message: `${limitText(limit)} files may be open.` }];
  return [
    {
      check: 'files',
      level: limit < TOO_FEW ? 'error' : 'warning',
      message: `Only ${limitText(limit)} files may be open; each connection of a client or a user takes one.`,
      advice:
        'Raise it to 65536: LimitNOFILE= in the systemd unit, --ulimit nofile=65536 of a container, or ulimit -n in a shell.',
    },
  ];
}

/** The soft limit in the text of `/proc/<pid>/limits`. */
export function parseFileLimit(limits: string): number {
  const softLimit = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  return softLimit === undefined || softLimit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(softLimit);
}

const limitText = (limit: number): string => (Number.isFinite(limit) ? String(limit) : 'Any number of');
