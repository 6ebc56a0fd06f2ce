import type { Room } from './room.ts';
import { untilSees } from './watching.ts';

/** Scenarios of stacks whose programs send and receive video. Each resolves if the stack under test did all of it. */
export const videoScenarios = {
  'cameras both ways': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    await Promise.all([a.showCamera(), b.showCamera()]);
    await Promise.all([untilSees(a, b, 'video'), untilSees(b, a, 'video')]);
  },

  'screen changes hands': async (room: Room) => {
    const [a, b] = await Promise.all([room.joinSubject(), room.joinOther()]);
    for (const [presenter, viewer] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      await presenter.showScreen();
      await untilSees(viewer, presenter, 'screen');
      await presenter.stopSharing('screen');
      await viewer.until('the screen is gone', () => viewer.midOf(presenter, 'screen') === undefined);
    }
  },

  'screen for late joiners': async (room: Room) => {
    const presenter = await room.joinOther();
    await presenter.showScreen();
    const a = await room.joinSubject();
    await untilSees(a, presenter, 'screen');
    await presenter.stopSharing('screen');
    await a.showScreen();
    const late = await room.joinOther();
    await untilSees(late, a, 'screen');
  },
} satisfies Record<string, (room: Room) => Promise<void>>;

/** A row of the matrix of video. */
export type VideoScenarioName = keyof typeof videoScenarios;
