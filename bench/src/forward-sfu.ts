import { nativePlaneSupport, type PlaneKind } from '@rtcd/packet-io';
import { median } from './cpu-time.ts';
import type { BenchRow } from './row.ts';
import { type TalkScenario, TalkScene } from './talk-scene.ts';

/**
 * Rates of outgoing packets: what 500 get of a speaker in real time, and 100 people in calls of two of each other. The one process that plays all of them keeps up with
 * it.
 */
const SCENARIOS: readonly TalkScenario[] = [
  { name: '1 sender x 100', calls: 1, members: 101, speakers: 1, packetsPerSecond: 25_000 },
  { name: '1 sender x 500', calls: 1, members: 501, speakers: 1, packetsPerSecond: 25_000 },
  { name: '50 calls of two', calls: 50, members: 2, speakers: 2, packetsPerSecond: 5_000 },
];
const SAMPLES = 9;

/** CPU of the SFU's process per outgoing packet, from socket to socket, with each packet plane that there is. */
export async function forwardSfu(): Promise<BenchRow[]> {
  const { isAvailable, reason } = nativePlaneSupport();
  if (!isAvailable) console.log(`the native plane is not measured: ${reason}`);
  const rows: BenchRow[] = [];
  for (const scenario of SCENARIOS) {
    rows.push(...(await measure(scenario, isAvailable ? ['typescript', 'native'] : ['typescript'])));
  }
  return rows;
}

/** Measures the planes alternately, so that a disturbance meets all of them. */
async function measure(scenario: TalkScenario, planes: readonly PlaneKind[]): Promise<BenchRow[]> {
  const scenes: TalkScene[] = [];
  for (const plane of planes) scenes.push(await TalkScene.start(scenario, { RTCD_PACKET_PLANE: plane }));
  const samples = planes.map(() => ({ idle: [] as number[], busy: [] as number[] }));
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const [i, scene] of scenes.entries()) {
      const idle = await scene.idleMicroseconds();
      samples[i]!.idle.push(idle);
      samples[i]!.busy.push(((await scene.talkMicroseconds()) - idle) / scene.packetsPerSample);
    }
  }
  for (const scene of scenes) await scene.settle();

  const { name, calls, members } = scenario;
  const rows = scenes.flatMap((scene, i): BenchRow[] => {
    const what = `forward through the whole SFU, ${name}, ${planes[i]} plane`;
    const { idle, busy } = samples[i]!;
    return [
      { name: what, value: median(busy), unit: 'µs CPU/packet', ...(calls === 1 && { aim: '8 or less' }) },
      { name: `${what}: arrived`, value: scene.arrivedPercent(SAMPLES), unit: '%', aim: '100' },
      { name: `${what}: while no one speaks`, value: median(idle) / (calls * members), unit: 'µs CPU/session/s' },
    ];
  });
  for (const scene of scenes) await scene.stop();
  const [typescript, native] = samples.map(({ busy }) => median(busy));
  if (typescript === undefined || native === undefined) return rows;
  return [
    ...rows,
    {
      name: `forward through the whole SFU, ${name}: typescript / native`,
      value: typescript / native,
      unit: 'times',
    },
  ];
}
