import { expect } from 'vitest';
import { untilAllHear, untilHears, untilSilent } from './listening.ts';
import type { Room } from './room.ts';
import { voices } from './voices.ts';

/** Each scenario resolves if the stack under test did all of it. */
export const scenarios = {
  'voice both ways': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
  },

  'mute and unmute': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    for (const [muted, talking] of [
      [a, b],
      [b, a],
    ] as const) {
      muted.mute();
      await untilSilent(talking, talking.midOf(muted)!, { listener: muted, speaker: talking });
      muted.unmute();
      await untilAllHear(a, b);
    }
  },

  'late joiner': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    const c = await room.joinSubject();
    await Promise.all([untilHears(c, a), untilHears(c, b)]);
    await c.speak();
    await untilAllHear(a, b, c);
  },

  'leave and replace': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    b.leave();
    await a.until('B is gone', () => a.midOf(b) === undefined);
    const c = await room.joinOther();
    await c.speak();
    await untilAllHear(a, c);
    expect(Object.values(a.mediaMap)).toEqual([{ type: 'voice', senderID: c.sessionID }]);
    expect(a.tracks.get(a.midOf(c)!)?.trackId, "C's track under B's ID").not.toContain(b.sessionID);
  },

  'second track': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    for (const [sharing, listening] of [
      [a, b],
      [b, a],
    ] as const) {
      const sound = { type: 'screen-audio', voice: voices[3]! } as const;
      await sharing.shareSound(sound.voice);
      await Promise.all([untilHears(listening, sharing), untilHears(listening, sharing, sound)]);
      const mid = listening.midOf(sharing, 'screen-audio')!;
      await sharing.stopSharing();
      await listening.until('the sound is gone', () => listening.midOf(sharing, 'screen-audio') === undefined);
      await untilSilent(listening, mid, { listener: listening, speaker: sharing });
      await untilAllHear(a, b);
    }
  },

  'silent joiner': async (room: Room) => {
    const b = await room.joinOther();
    await b.speak();
    const a = await room.joinSubject();
    await untilHears(a, b);
    await a.speak();
    await untilAllHear(a, b);
  },

  'ICE restart': async (room: Room) => {
    const path = await room.openPath();
    const [a, b] = await Promise.all([room.joinSubject({ path }), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    await a.restartIce();
    await untilAllHear(a, b);
    // rtcd learns the new port from checks with the new credentials only.
    path.rebind();
    await untilAllHear(a, b);
  },

  'new port': async (room: Room) => {
    const path = await room.openPath();
    const [a, b] = await Promise.all([room.joinSubject({ path }), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    path.rebind();
    await untilAllHear(a, b);
  },

  'RSA certificate': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject({ certificate: 'rsa' }), room.joinOther()]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
  },

  'lossy handshake': async (room: Room) => {
    const paths = await Promise.all([1, 2].map((lostHandshakeDatagram) => room.openPath({ lostHandshakeDatagram })));
    const [a, b] = await Promise.all([room.joinSubject({ path: paths[0] }), room.joinOther({ path: paths[1] })]);
    await Promise.all([a.speak(), b.speak()]);
    await untilAllHear(a, b);
    for (const { lost } of paths) expect(lost).toBeGreaterThan(0);
  },
} satisfies Record<string, (room: Room) => Promise<void>>;

/** A row of the matrix of voice. */
export type VoiceScenarioName = keyof typeof scenarios;
