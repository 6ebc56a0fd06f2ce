import { newID } from '@rtcd/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CallsClientParticipant, callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import { untilHears, untilSilent } from '../src/hearing.ts';
import { until } from '../src/until.ts';

let calls: CallsInstallation;

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(() => calls?.close());

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(calls.story());
  await calls.endCalls();
});

describe.each(Object.entries(callsClients))('%s', (_name, options) => {
  type People = readonly CallsClientParticipant[];

  const join = (callID: string) => calls.join(callID, options);

  async function meet(callID: string, count: number): Promise<CallsClientParticipant[]> {
    const people: CallsClientParticipant[] = [];
    for (let index = 0; index < count; index += 1) people.push(await join(callID));
    return people;
  }

  /** Everyone hears everyone else, once. */
  async function untilAllHearEachOther(people: People): Promise<void> {
    const others = (self: CallsClientParticipant) =>
      people.filter((other) => other !== self).map(({ sessionID }) => sessionID);
    await Promise.all(people.map((person) => untilHears(person.page, others(person))));
    await Promise.all(people.map((person) => person.untilPlays(others(person))));
  }

  it('joins with the data channel alone, unmutes together with others, mutes, and unmutes', async () => {
    const people = (await meet(newID(), 3)) as [CallsClientParticipant, CallsClientParticipant, CallsClientParticipant];
    const [ada, grace, barbara] = people;
    await Promise.all(people.map((person) => person.unmute()));
    await untilAllHearEachOther(people);

    await ada.mute();
    await untilSilent(grace.page, ada.sessionID, barbara.sessionID);
    await ada.unmute();
    await untilAllHearEachOther(people);
  });

  it('sends its microphone on a section that rtcd opened, and a late joiner hears everyone', async () => {
    const callID = newID();
    const [ada, grace] = (await meet(callID, 2)) as [CallsClientParticipant, CallsClientParticipant];
    await ada.unmute();
    await untilHears(grace.page, [ada.sessionID]);
    await grace.unmute();
    await untilAllHearEachOther([ada, grace]);

    const late = await join(callID);
    await untilHears(late.page, [ada.sessionID, grace.sessionID]);
    await late.unmute();
    await untilAllHearEachOther([ada, grace, late]);
  });

  it('switches its microphone while muted, which opens another section for the same voice', async () => {
    const people = (await meet(newID(), 3)) as [CallsClientParticipant, CallsClientParticipant, CallsClientParticipant];
    const [ada] = people;
    await Promise.all(people.map((person) => person.unmute()));
    await untilAllHearEachOther(people);
    await ada.mute();
    await ada.switchMicrophone();
    await ada.unmute();
    await untilAllHearEachOther(people);
  });

  it('plays a newcomer under its own name and once, in the place of a leaver', async () => {
    const callID = newID();
    const [ada, grace, barbara] = (await meet(callID, 3)) as [
      CallsClientParticipant,
      CallsClientParticipant,
      CallsClientParticipant,
    ];
    await Promise.all([ada, grace, barbara].map((person) => person.unmute()));
    await untilAllHearEachOther([ada, grace, barbara]);
    await barbara.leave();
    const radia = await join(callID);
    await radia.unmute();
    await untilAllHearEachOther([ada, grace, radia]);
  });

  it('shares its screen with sound, which takes two locks in a row', async () => {
    const [ada, grace] = (await meet(newID(), 2)) as [CallsClientParticipant, CallsClientParticipant];
    await Promise.all([ada.unmute(), grace.unmute()]);
    await untilAllHearEachOther([ada, grace]);
    await ada.shareScreen();
    await grace.untilPlays([ada.sessionID], 'screen-audio');
    const types = await grace.page.evaluate(() => Object.values(window.client.peer.mediaMap).map(({ type }) => type));
    expect(types).toContain('screen-audio');

    await ada.stopScreen();
    await until(
      'the sound of the screen is gone from the media map',
      () => grace.page.evaluate(() => Object.values(window.client.peer.mediaMap).map(({ type }) => type)),
      (now) => now.join() === 'voice',
    );
    await untilAllHearEachOther([ada, grace]);
  });

  it('measures its round trip', async () => {
    const [ada] = (await meet(newID(), 1)) as [CallsClientParticipant];
    await until(
      'a round trip above 0',
      () => ada.page.evaluate(() => window.client.peer.roundTrip),
      (seconds) => seconds > 0,
    );
  });
});
