import { until } from '../until.ts';
import type { CallNetwork } from './call-network.ts';
import type { Callers, RunningCall } from './callers.ts';
import type { Condition } from './conditions.ts';
import { endCall } from './end-call.ts';
import type { Host } from './host.ts';
import { describeWay } from './seen-way.ts';

/** Outcome of a call under a condition. */
export interface Outcome {
  /** Way of media, as `UDP over IPv4`. */
  readonly way: string;
  /** From the join until both sides hear each other. */
  readonly untilMediaMs: number;
}

/** Mean payload of video packets of which most are as large as browsers make them. */
const LARGE_BYTES = 1_000;

/** Plugs a host in under a condition, and lets its caller talk with the colleague. */
export async function measureCondition(
  network: CallNetwork,
  host: Host,
  callers: Callers,
  condition: Condition,
): Promise<Outcome> {
  const place = await condition.plugIn(network, host);
  try {
    const call = await callers.call(place, {
      headlessWay: condition.headlessWay ?? 'udp',
      iceServers: condition.iceServers ?? [],
    });
    if (condition.hasVideo) {
      await callers.untilBothSee();
      await untilVideoIsLarge(network, call);
    }
    return { way: describeWay(await endCall(network, call)), untilMediaMs: call.untilMediaMs };
  } finally {
    await place.leave();
  }
}

/** Resolves once large packets of video go to both. */
async function untilVideoIsLarge(network: CallNetwork, { sessionID, colleagueSessionID }: RunningCall): Promise<void> {
  const meanBytesTo = async (receiverID: string) => {
    const video = (await network.inspect(receiverID)).outgoing.find(({ type }) => type === 'video');
    return video ? video.payloadBytes / video.packets : 0;
  };
  await until(
    'large packets of video go both ways',
    () => Promise.all([sessionID, colleagueSessionID].map(meanBytesTo)),
    (sizes) => sizes.every((bytes) => bytes >= LARGE_BYTES),
  );
}
