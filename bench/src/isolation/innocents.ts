/** Process of the innocents: a call of three at 50 packets/s each, and an installation that logs in twice a second. */
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { RtcdClient } from '@rtcd/client';
import type { Participant } from '@rtcd/rtc/testing';
import { AUTH_KEY } from '../auth-key.ts';
import { joinThrough } from './join-through.ts';

/** Sent by the bench: the attack begins, it has ended, and its effect is to be reported. */
export type InnocentsRequest = 'begin' | 'end' | 'report';

/** Effect of an attack on the innocents, from its beginning to its end. */
export interface InnocentsReport {
  /** Packets sent, counted once per listener, and those of them that arrived. */
  readonly sent: number;
  readonly received: number;
  /** Above the median of the time before the attack. */
  readonly p50ExtraDelayMs: number;
  readonly p99ExtraDelayMs: number;
  readonly slowestLoginMs: number;
  readonly failedLogins: number;
  /** Sessions and WebSockets that ended. */
  readonly closed: readonly string[];
}

interface Member {
  readonly sessionID: string;
  readonly participant: Participant;
  /** Sending time of each packet. */
  readonly sentMs: number[];
}

interface Arrival {
  readonly sentMs: number;
  readonly delayMs: number;
}

const PACKET_INTERVAL_MS = 20;
const CALIBRATION_PACKETS = 25;
const LOGIN_INTERVAL_MS = 500;
const LOGIN_TIMEOUT_MS = 30_000;

const url = process.argv[2]!;
try {
  // The load of the attackers, who would have machines of their own, should not delay the measurement.
  setPriority(-10);
} catch {
  // Not permitted: the delays then contain time spent waiting for a core.
}

const arrivals: Arrival[] = [];
const logins: { readonly startMs: number; tookMs?: number }[] = [];
const closed: string[] = [];
let beginMs = Number.POSITIVE_INFINITY;
let endMs = Number.POSITIVE_INFINITY;

const client = new RtcdClient({ url, clientID: 'innocents', authKey: AUTH_KEY, registerOnDemand: true });
client.on('error', () => {});
await client.connect();
client.on('disconnected', () => closed.push('WebSocket'));
client.on('sessionClosed', (sessionID) => closed.push(sessionID));
await new RtcdClient({ url, clientID: 'honest', authKey: AUTH_KEY }).register();

const members: Member[] = [];
for (const sessionID of ['ann', 'ben', 'cleo']) {
  const participant = await joinThrough(client, 'innocent-call', sessionID);
  participant.on('closed', (reason) => closed.push(`${sessionID}: ${reason}`));
  members.push({ sessionID, participant, sentMs: [] });
}
for (const listener of members) {
  for (const speaker of othersOf(listener)) await listener.participant.hears(speaker.sessionID);
}
await calibrate();
for (const [index, member] of members.entries()) {
  setTimeout(() => setInterval(() => speak(member), PACKET_INTERVAL_MS), index * 7);
}
setInterval(() => void logIn(), LOGIN_INTERVAL_MS);

process.on('message', (request: InnocentsRequest) => {
  if (request === 'begin') beginMs = performance.now();
  else if (request === 'end') endMs = performance.now();
  else process.send?.(report());
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

function othersOf(member: Member): Member[] {
  return members.filter((other) => other !== member);
}

function speak(member: Member): void {
  member.participant.sendVoice();
  member.sentMs.push(performance.now());
}

/** Waits until all that is sent has arrived. From then on, counts tell which packet is heard. */
async function calibrate(): Promise<void> {
  for (let round = 0; round < CALIBRATION_PACKETS; round++) {
    for (const member of members) speak(member);
    await sleep(PACKET_INTERVAL_MS);
  }
  await sleep(1_000);
  for (const listener of members) {
    for (const speaker of othersOf(listener)) measure(listener, speaker);
  }
}

function measure(listener: Member, speaker: Member): void {
  const { packets = 0, gaps = 0 } = listener.participant.received(speaker.sessionID) ?? {};
  // The first packets may have been sent before the listener was offered the voice.
  const unheard = speaker.sentMs.length - packets - gaps;
  let heard = packets;
  listener.participant.on('voice', () => {
    const nowMs = performance.now();
    const voice = listener.participant.received(speaker.sessionID);
    if (!voice || voice.packets === heard) return;
    heard = voice.packets;
    const sentMs = speaker.sentMs[unheard + voice.packets + voice.gaps - 1];
    if (sentMs !== undefined) arrivals.push({ sentMs, delayMs: nowMs - sentMs });
  });
}

/** On a connection of its own, as a client that comes back. */
async function logIn(): Promise<void> {
  const login: (typeof logins)[number] = { startMs: performance.now() };
  logins.push(login);
  try {
    const response = await fetch(new URL('/login', url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ clientID: 'honest', authKey: AUTH_KEY }),
      signal: AbortSignal.timeout(LOGIN_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    if (response.ok) login.tookMs = performance.now() - login.startMs;
  } catch {
    // Without a duration it has failed.
  }
}

function report(): InnocentsReport {
  const isDuring = (ms: number) => ms >= beginMs && ms < endMs;
  const sent = members.flatMap(({ sentMs }) => sentMs).filter(isDuring).length * (members.length - 1);
  const during = arrivals.filter(({ sentMs }) => isDuring(sentMs));
  const usualMs = percentile(
    arrivals.filter(({ sentMs }) => sentMs < beginMs),
    0.5,
  );
  const duringLogins = logins.filter(({ startMs }) => isDuring(startMs));
  return {
    sent,
    received: during.length,
    p50ExtraDelayMs: percentile(during, 0.5) - usualMs,
    p99ExtraDelayMs: percentile(during, 0.99) - usualMs,
    slowestLoginMs: Math.max(0, ...duringLogins.map(({ tookMs = 0 }) => tookMs)),
    failedLogins: duringLogins.filter(({ tookMs }) => tookMs === undefined).length,
    closed,
  };
}

function percentile(of: readonly Arrival[], fraction: number): number {
  const sorted = of.map(({ delayMs }) => delayMs).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * fraction)] ?? Number.POSITIVE_INFINITY;
}
