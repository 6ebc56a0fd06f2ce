import { existsSync } from 'node:fs';
import { systemCommand } from './system-command.ts';

const PREFIX = 'rtcd-net-';
const OWNED_NAME = new RegExp(`^${PREFIX}(\\d+)-`);

/** Name of a namespace of this process: it tells later runs whose it was. */
export const namespaceName = (name: string): string => `${PREFIX}${process.pid}-${name}`;

/** Deletes the namespaces of processes that are gone, and with them all their interfaces. */
export async function removeAbandonedNamespaces(): Promise<void> {
  for (const name of await namespaceNames()) {
    const owner = OWNED_NAME.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await removeNamespace(name);
  }
}

/** Ends the processes in a namespace and deletes it. */
export async function removeNamespace(name: string): Promise<void> {
  for (const pid of await processesIn(name)) kill(pid);
  await systemCommand(['ip', 'netns', 'delete', name]);
}

export async function processesIn(name: string): Promise<number[]> {
  const pids = await systemCommand(['ip', 'netns', 'pids', name]);
  return pids.split(/\s+/).filter(Boolean).map(Number);
}

async function namespaceNames(): Promise<string[]> {
  const list = await systemCommand(['ip', 'netns', 'list']);
  return list.split('\n').flatMap((line) => line.split(' ')[0] || []);
}

/** It may have ended by itself. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}
