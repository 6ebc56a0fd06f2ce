import type { CallNetwork, HomeOptions, Place } from './call-network.ts';
import type { Callers } from './callers.ts';
import { endCall } from './end-call.ts';
import type { Host } from './host.ts';

/** A call during which something happens to the network of a peer. */
export interface MovingCall {
  readonly network: CallNetwork;
  readonly host: Host;
  readonly place: Place;
  readonly callers: Callers;
}

/** A change of a peer's network that its call survives. */
export interface Move {
  /** Row in the table of docs/networks.md. */
  readonly name: string;
  readonly router: HomeOptions;
  /** Time for which the peer is away by itself. */
  readonly awayMs: number;
  /** Its packets certainly come from another address or port afterwards. */
  readonly changesPath: boolean;
  /** No packet is lost. */
  readonly isSeamless: boolean;
  /** Returns the place where the peer is afterwards, if it is another one. */
  run(call: MovingCall): Promise<Place | undefined>;
}

const SLEEP_MS = 20_000;

/** The rows of the table. */
export const MOVES: readonly Move[] = [
  {
    name: 'A NAT restarts and assigns another port',
    router: { nat: 'symmetric' },
    awayMs: 0,
    changesPath: true,
    isSeamless: false,
    run: async ({ place }) => {
      await place.router!.restart();
      return undefined;
    },
  },
  {
    name: 'A peer changes from wifi to cable',
    router: {},
    awayMs: 0,
    changesPath: true,
    isSeamless: false,
    run: async ({ network, host, place, callers }) => {
      const cable = await network.plugIntoRouter(host);
      await place.plug.down();
      await callers.moveTo(cable.address);
      return cable;
    },
  },
  {
    name: 'A peer restarts ICE',
    router: {},
    awayMs: 0,
    changesPath: false,
    isSeamless: true,
    run: async ({ callers }) => {
      await callers.restartIce();
      return undefined;
    },
  },
  {
    name: 'A peer sleeps for 20 s',
    router: { nat: 'symmetric' },
    awayMs: SLEEP_MS,
    changesPath: false,
    isSeamless: false,
    run: async ({ host }) => {
      await host.sleep();
      await new Promise((resolve) => setTimeout(resolve, SLEEP_MS));
      await host.wake();
      return undefined;
    },
  },
];

/** Outcome of a change. */
export interface MoveOutcome {
  /** Time without media in one direction or the other, beyond that for which the peer was away by itself. */
  readonly withoutMediaMs: number;
  readonly hasChangedPath: boolean;
  readonly hasLostMedia: boolean;
}

/** Makes a change in the middle of a call, waits until both hear each other again, and ends it. */
export async function measureMove(
  network: CallNetwork,
  host: Host,
  callers: Callers,
  move: Move,
): Promise<MoveOutcome> {
  const places = [await network.plugIntoRouter(host, move.router)];
  const [place] = places as [Place];
  try {
    const call = await callers.call(place);
    const path = () => network.pathOf(call.sessionID);
    const [pathBefore, before] = [await path(), await callers.untilBothHear()];
    const moved = await move.run({ network, host, place, callers });
    if (moved) places.push(moved);
    const [after, pathAfter] = [await callers.untilBothHear(), await path()];
    await endCall(network, call);
    return {
      withoutMediaMs: Math.max(0, after.silenceMs - move.awayMs),
      hasChangedPath: pathAfter !== pathBefore,
      hasLostMedia: after.lost > before.lost,
    };
  } finally {
    for (const { leave } of places) await leave();
  }
}
