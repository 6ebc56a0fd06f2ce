import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { untilAllHear, untilSilent } from './src/listening.ts';
import type { PeerProgram } from './src/peer-program.ts';
import { Room } from './src/room.ts';
import { RtcdCalls } from './src/rtcd-calls.ts';
import { pion } from './src/stacks/pion.ts';

/** The compiler takes its time on the first run. */
const START_TIMEOUT_MS = 600_000;

const missing = await pion.missing();
if (missing !== undefined) console.log(`skipping the habits of the Go client: pion needs ${missing}`);

/** Habits of the original's Go client, which is built on pion, beyond what every stack is tried with. */
describe.skipIf(missing !== undefined)('a peer with the habits of the Go client', () => {
  let calls: RtcdCalls;
  let program: PeerProgram;

  beforeAll(async () => {
    const [startedCalls, started] = await Promise.all([RtcdCalls.start(), pion.start()]);
    calls = startedCalls;
    program = started.program;
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await program?.close();
    await calls?.close();
  });

  /** A room that ends with the test. */
  function open({ onTestFailed, onTestFinished }: TestContext): Room {
    const room = new Room(calls, program, program);
    onTestFailed(() => console.error(room.story()));
    onTestFinished(() => room.close());
    return room;
  }

  it('gets the answer before any candidate, with candidates in it', async (context) => {
    const a = await open(context).joinSubject();
    const [first = ''] = a.timeline.filter((line) => line.startsWith('rtcd: '));
    expect(first).toContain('"type":"answer"');
    expect(first).toContain('a=candidate:');
  });

  it('is silent while muted, though it continues to send', async (context) => {
    const room = open(context);
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    a.announceMuted(true);
    await untilSilent(b, b.midOf(a) ?? '', { listener: a, speaker: b });
    a.announceMuted(false);
    await untilAllHear(a, b);
  });

  it('pings with MessagePack, and unlocks without having locked', async (context) => {
    const room = open(context);
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await a.ping();
    const speaking = b.speak();
    a.unlock();
    await Promise.all([speaking, a.speak()]);
    a.unlock();
    await untilAllHear(a, b);
    await a.ping();
  });
});
