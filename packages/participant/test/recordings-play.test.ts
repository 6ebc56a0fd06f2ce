import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeScreenOn, RtcMessageType } from '@rtcd/protocol';
import { openSfu } from '@rtcd/rtc';
import { joinCall as joinHeadless, readRecordedVideo } from '@rtcd/rtc/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Call, joinCall, type LocalVoice, type OpusPacket, readOpus, record, sfuSignaling } from '../src/index.ts';
import { decodeLoudness, decodeVideo, hasFfmpeg, loudSpan } from './ffmpeg.ts';

const canDecode = hasFfmpeg();
const HELLO = new URL('../examples/hello.ogg', import.meta.url);
/** Duration of its tone, which begins at once and fades out. */
const HELLO_MS = 1_000;
/** Bound on the distance of a sound from its place: drift that a file does not correct, and the time to the recorder. */
const IN_STEP_MS = 120;

const expectWithin = (actualMs: number, expectedMs: number) =>
  expect(Math.abs(actualMs - expectedMs)).toBeLessThanOrEqual(IN_STEP_MS);

async function stage() {
  const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
  const signaling = sfuSignaling(sfu, 'group');
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-recording-'));
  onTestFinished(async () => {
    await sfu.close();
    await rm(folder, { recursive: true, force: true });
  });
  const joinAs = async (sessionID: string) => {
    const call = await joinCall({ signaling, callID: 'call', sessionID, addresses: ['127.0.0.1'] });
    onTestFinished(() => call.leave());
    return call;
  };
  return { sfu, folder, joinAs };
}

/** Resolves once a call receives the voice of a session. */
async function hears(listener: Call, sessionID: string): Promise<void> {
  while (!listener.tracks.some((track) => track.sessionID === sessionID)) await once(listener, 'voice');
}

/** Publishes a voice, and resolves once it can be heard. */
async function speaker(call: Call, listener: Call) {
  const voice = await call.publishVoice();
  await hears(listener, call.sessionID);
  // Until the listener's answer has reached the SFU.
  const track = listener.tracks.find(({ sessionID }) => sessionID === call.sessionID)!;
  const heard = once(track, 'frame');
  const timer = setInterval(() => voice.send(Uint8Array.of(0xf8, 0xff, 0xfe)), 20);
  await heard;
  clearInterval(timer);
  return voice;
}

/** Sends the same words with several voices, packet by packet. Returns the time of the first one on the clock of a call. */
async function sayTogether(call: Call, voices: readonly LocalVoice[]): Promise<number> {
  const packets: OpusPacket[] = [];
  for await (const packet of readOpus(createReadStream(HELLO))) packets.push(packet);
  const { nowMs } = call;
  let dueMs = performance.now();
  for (const { packet, durationMs } of packets) {
    for (const voice of voices) voice.send(packet);
    dueMs += durationMs;
    await sleep(Math.max(0, dueMs - performance.now()));
  }
  return nowMs;
}

describe.runIf(canDecode)('a recording of voices', () => {
  it('is in step over mutes, late joins, and leaves', { timeout: 20_000 }, async () => {
    const { folder, joinAs } = await stage();
    const [alice, bob, recorder] = [await joinAs('alice'), await joinAs('bob'), await joinAs('recorder')];
    const [voiceOfAlice, voiceOfBob] = [await speaker(alice, recorder), await speaker(bob, recorder)];
    const recording = await record(recorder, folder);
    const startMs = recorder.nowMs;

    // Both at once, then alice is muted for a while, then both at once again.
    const firstMs = (await sayTogether(recorder, [voiceOfAlice, voiceOfBob])) - startMs;
    voiceOfAlice.mute();
    await sleep(500);
    voiceOfAlice.unmute();
    const voiceOfCarol = await speaker(await joinAs('carol'), recorder);
    const secondMs = (await sayTogether(recorder, [voiceOfAlice, voiceOfCarol])) - startMs;
    const left = once(recorder, 'left');
    await alice.leave();
    await left;
    await sleep(300);
    const { durationMs, files } = await recording.stop();

    expect(files.map(({ name }) => name).sort()).toEqual(['voice-alice.ogg', 'voice-bob.ogg', 'voice-carol.ogg']);
    const loudness = Object.fromEntries(files.map((file) => [file.sessionID, decodeLoudness(join(folder, file.name))]));
    const spanOf = (name: string, fromMs = 0, toMs = durationMs) => {
      const { startMs, endMs } = loudSpan(loudness[name]!.slice(fromMs / 10, toMs / 10));
      return { startMs: startMs + fromMs, endMs: endMs + fromMs };
    };
    // Every file is as long as the recording.
    for (const { length } of Object.values(loudness)) expectWithin(length * 10, durationMs);
    const middleMs = Math.round((firstMs + HELLO_MS + secondMs) / 20) * 10;
    const [first, second] = [spanOf('alice', 0, middleMs), spanOf('alice', middleMs)];
    // Sounds are where they were made: the mute is silent, and nothing is cut out of it.
    expectWithin(first.startMs, firstMs);
    expectWithin(second.startMs, secondMs);
    // Sounds that were made at the same time are at the same place of their files.
    expectWithin(spanOf('bob').startMs, first.startMs);
    expectWithin(spanOf('carol').startMs, second.startMs);
    expectWithin(spanOf('carol').endMs, second.endMs);
    const manifest = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    expect(manifest).toMatchObject({ durationMs, files });
  });
});

describe.runIf(canDecode)('a recording of a screen', () => {
  it.each([
    ['before it is shared', true],
    ['while it is shared', false],
  ])('plays, from the moment at which it was seen, if it begins %s', { timeout: 20_000 }, async (_, isEarly) => {
    const { sfu, folder, joinAs } = await stage();
    const vectors = new URL('../../rtc/test/vectors/recorded/vp8.json.gz', import.meta.url);
    const recordings = [readRecordedVideo(await readFile(vectors))];
    const sharer = await joinHeadless(sfu, { sessionID: '../sharer', voice: false, recordings });
    onTestFinished(() => sharer.close());
    const recorder = await joinAs('recorder');
    const early = isEarly ? await record(recorder, folder) : undefined;

    const ids = { groupID: 'group', callID: 'call', userID: '', sessionID: '../sharer' };
    sfu.receive({ ...ids, type: RtcMessageType.ScreenOn, data: encodeScreenOn({ screenStreamID: 'screen' }) });
    const track = sharer.publishVideo({ streamId: 'screen', codecs: ['VP8'] });
    const seen = once(recorder, 'screen');
    if (!sharer.negotiated(track)) await once(sharer, 'answered');
    sharer.sendVideo(track, { framesPerSecond: 10 });
    const [screen] = await seen;
    await once(screen, 'frame');
    const recording = early ?? (await record(recorder, folder));
    let frames = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    screen.on('frame', () => {
      if (++frames === 20) resolve();
    });
    await promise;
    const { durationMs, files } = await recording.stop();

    expect(files).toEqual([
      { name: 'screen-___sharer.webm', type: 'screen', sessionID: '../sharer', firstFrameMs: expect.any(Number) },
    ]);
    const video = decodeVideo(join(folder, files[0]!.name));
    expect(video.pictures).toBeGreaterThan(isEarly ? 20 : 5);
    expect(Math.abs(video.durationMs - durationMs)).toBeLessThanOrEqual(1);
    if (isEarly) expect(Math.abs(video.startMs - files[0]!.firstFrameMs)).toBeLessThanOrEqual(1);
  });
});

describe('a recording', () => {
  it('needs an empty folder', async () => {
    const { folder, joinAs } = await stage();
    await writeFile(join(folder, 'mine.txt'), '');
    await expect(record(await joinAs('recorder'), folder)).rejects.toMatchObject({ code: 'invalid_option' });
    expect(await readdir(folder)).toEqual(['mine.txt']);
  });

  it('that cannot be written says so when it stops', async () => {
    const { folder, joinAs } = await stage();
    const [alice, recorder] = [await joinAs('alice'), await joinAs('recorder')];
    const recording = await record(recorder, folder);
    await rm(folder, { recursive: true });
    await speaker(alice, recorder);
    await expect(recording.stop()).rejects.toMatchObject({ code: 'write_failed', cause: { code: 'ENOENT' } });
  });

  it('leaves no listeners behind', async () => {
    const { folder, joinAs } = await stage();
    const recorder = await joinAs('recorder');
    const recording = await record(recorder, folder);
    const result = await recording.stop();
    expect(result.files).toEqual([]);
    expect(recorder.eventNames()).toEqual([]);
    expect(await recording.stop()).toBe(result);
  });
});
