/** Process of the visitors: sessions that join and leave, spread over the time of the soak. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Installation } from './installation.ts';
import { talk } from './talk.ts';
import { VISITS_PER_INSTALLATION, visitOf } from './visit.ts';

/** Sent once a second, and after the last visit. */
export interface VisitorsStatus {
  readonly visits: number;
  readonly isDone: boolean;
  readonly failures: readonly string[];
}

const TALK_MS = 1_000;

const [, , url = '', visits = '', seconds = ''] = process.argv;
const intervalMs = (Number(seconds) * 1_000) / Number(visits);
const failures: string[] = [];
let ended = 0;
const installations = new Map<number, { readonly connected: Promise<Installation>; visitsLeft: number }>();

process.on('disconnect', () => process.exit(0));
setInterval(report, 1_000);
const startMs = performance.now();
for (let index = 0; index < Number(visits); index++) {
  await sleep(Math.max(0, startMs + index * intervalMs - performance.now()));
  void visit(index);
}

async function visit(index: number): Promise<void> {
  const { installation } = visitOf(index);
  const entry = installations.get(installation) ?? {
    connected: Installation.connect(url, `visitors-${installation}`),
    visitsLeft: Math.min(VISITS_PER_INSTALLATION, Number(visits) - index),
  };
  installations.set(installation, entry);
  try {
    await joinAndLeave(await entry.connected, index);
  } catch (error) {
    failures.push(`visitor-${index}: ${error}`);
  }
  entry.visitsLeft -= 1;
  if (entry.visitsLeft === 0) {
    installations.delete(installation);
    await entry.connected.then((connected) => connected.close()).catch((error) => failures.push(`${error}`));
  }
  ended += 1;
  if (ended === Number(visits)) report();
}

async function joinAndLeave(installation: Installation, index: number): Promise<void> {
  const { callID, stayMs, talks, ending } = visitOf(index);
  const sessionID = `visitor-${index}`;
  if (ending === 'unconnected') {
    installation.announce(callID, sessionID);
    await sleep(stayMs);
    return installation.end(sessionID, 'leave');
  }
  const visitor = await installation.join(callID, sessionID);
  const stop = talks ? talk(visitor) : () => {};
  await sleep(TALK_MS);
  stop();
  await sleep(stayMs - TALK_MS);
  await installation.end(sessionID, ending);
}

function report(): void {
  process.send?.({ visits: ended, isDone: ended === Number(visits), failures } satisfies VisitorsStatus);
}
