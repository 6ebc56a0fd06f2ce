/** Process of the people: calls in which some of them talk all the time, and guests who join these, talk, and leave. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Participant } from '@rtcd/rtc/testing';
import { Installation } from './installation.ts';
import { talk } from './talk.ts';

/** Sent once a second, from when all have joined. */
export interface PeopleStatus {
  /** Packets that arrived from the people who talk, and those that were lost, counted once per listener. */
  readonly received: number;
  readonly lost: number;
  readonly guests: number;
  /** People whose sessions ended, and guests that could not join. */
  readonly failures: readonly string[];
}

const GUEST_INTERVAL_MS = 20_000;
const GUEST_STAY_MS = 10_000;

const [, , url = '', people = '', talkers = '', calls = ''] = process.argv;
const failures: string[] = [];
let guests = 0;
let hasEnded = false;

const installation = await Installation.connect(url, 'people');
const members = new Map<string, Participant>();
installation.onSessionClosed((sessionID) => {
  if (!hasEnded && members.has(sessionID)) failures.push(`${sessionID}: session ended`);
});
for (let index = 0; index < Number(people); index++) {
  const sessionID = `person-${index}`;
  members.set(sessionID, await installation.join(callOf(index), sessionID, { voice: index < Number(talkers) }));
}
const speakers = [...members.keys()].slice(0, Number(talkers));
const stopTalking = talk(...speakers.map((sessionID) => members.get(sessionID)!));
const guestTimer = setInterval(() => void receiveGuest(), GUEST_INTERVAL_MS);
const statusTimer = setInterval(() => process.send?.(status()), 1_000);

process.on('message', () => void end());
process.on('disconnect', () => process.exit(0));
process.send?.(status());

/** Spreads people and guests over the calls, those who talk first. */
function callOf(index: number): string {
  return `call-${index % Number(calls)}`;
}

async function receiveGuest(): Promise<void> {
  const callID = callOf(guests);
  const sessionID = `guest-${guests++}`;
  try {
    const guest = await installation.join(callID, sessionID);
    const stop = talk(guest);
    await sleep(GUEST_STAY_MS);
    stop();
    await installation.end(sessionID, 'leave');
  } catch (error) {
    if (!hasEnded) failures.push(`${sessionID}: ${error}`);
  }
}

function status(): PeopleStatus {
  let received = 0;
  let lost = 0;
  for (const listener of members.values()) {
    for (const speaker of speakers) {
      const voice = listener.received(speaker);
      received += voice?.packets ?? 0;
      lost += voice?.gaps ?? 0;
    }
  }
  return { received, lost, guests, failures };
}

/** Leaves, which disconnects this process from the bench. */
async function end(): Promise<void> {
  hasEnded = true;
  clearInterval(guestTimer);
  clearInterval(statusTimer);
  stopTalking();
  for (const sessionID of members.keys()) await installation.end(sessionID, 'leave');
  await installation.close();
  process.disconnect();
}
