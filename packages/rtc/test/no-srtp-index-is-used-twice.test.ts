import { encodeVideoOn, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalTrack } from '../src/peer/participant-sdp.ts';
import { writeRtpHeader } from '../src/rtp/header.ts';
import { type Participant, SimulatedCall, type VideoEncodingOptions } from '../src/testing/index.ts';
import { RawVoice } from './raw-voice.ts';
import { SentPackets } from './sent-packets.ts';
import { type SharedScreen, shareScreen } from './shared-screen.ts';

/** More of them by an environment variable. */
const RUNS = Number(process.env.SRTP_INDEX_RUNS ?? 25);

let sent: SentPackets;
let call: SimulatedCall;

beforeEach(() => {
  sent = new SentPackets();
});
afterEach(() => call.close());

const tellAbout = (sessionID: string, type: RtcMessageType, data: Uint8Array = new Uint8Array()) =>
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type, data });

it('continues at once, with new numbers, when a receiver stops and starts receiving', async () => {
  call = await SimulatedCall.start({ delayMs: 10, createPlane: sent.createPlane });
  const speaker = await call.join('speaker');
  const receiver = await call.join('receiver');
  call.time.runFor(1_000);
  for (let round = 0; round < 20; round++) {
    const before = receiver.received('speaker')!.packets;
    call.speak([speaker], 400);
    call.time.runFor(100);
    expect(receiver.received('speaker')).toMatchObject({ packets: before + 20, gaps: 0, corrupt: 0 });
    receiver.setReceiving('speaker', false);
    call.speak([speaker], 400);
    receiver.setReceiving('speaker', true);
    call.time.runFor(100);
  }
  expect(sent.reused).toEqual([]);
});

it('does not happen to receivers of a sender whose packets cannot all be forwarded', async () => {
  let offered = '';
  call = await SimulatedCall.start({ delayMs: 10, createPlane: sent.createPlane });
  const overhear = (description: SessionDescription): SessionDescription => {
    offered = description.sdp;
    return description;
  };
  const sender = await call.join('sender', { tamper: overhear });
  const receiver = await call.join('receiver');
  call.time.runFor(1_000);
  const ssrc = Number(/a=ssrc:(\d+)/.exec(offered)?.[1]);
  const sendPacket = (index: number, payloadType: number) => {
    const packet = Buffer.alloc(40, index & 0xff);
    writeRtpHeader(packet, 0, { marker: false, payloadType, sequenceNumber: index & 0xffff, timestamp: 0, ssrc });
    sender.sendRawRtp(packet, index >> 16);
    call.time.runFor(20);
  };
  for (let index = 0; index < 10; index++) sendPacket(index, 111);
  // Of no negotiated format: it takes the sender's numbers on by a whole cycle, less five.
  for (const index of [30_000, 60_000, 65_540]) sendPacket(index, 13);
  for (let index = 65_541; index < 65_550; index++) sendPacket(index, 111);
  call.time.runFor(100);
  expect(receiver.received('sender')?.packets).toBe(19);
  expect(sent.reused).toEqual([]);
});

it('does not happen over wraps of the sequence number, between which everything changes', async () => {
  call = await SimulatedCall.start({ delayMs: 10, createPlane: sent.createPlane });
  const sender = await call.join('sender');
  const receiver = await call.join('receiver');
  call.time.runFor(1_000);
  const voice = new RawVoice(call, sender, { ssrc: sender.voiceSsrc! });
  const changes = [
    () => tellAbout('sender', RtcMessageType.Mute),
    () => tellAbout('sender', RtcMessageType.Unmute),
    () => receiver.setReceiving('sender', false),
    () => receiver.setReceiving('sender', true),
    () => receiver.moveTo(call.newAddress()),
    () => receiver.restartIce(),
    () => sender.restartIce(),
  ];
  for (let round = 0; round < 70; round++) {
    voice.speak(4);
    voice.skip(2_900);
    await changes[round % changes.length]!();
    call.time.runFor(200);
  }
  expect(sent.rollovers).toBeGreaterThan(20);
  expect(sent.reused).toEqual([]);
});

const FEW_PACKETS: VideoEncodingOptions = {
  framesPerSecond: 4,
  packetsPerKeyframe: 6,
  packetsPerFrame: 2,
  payloadBytes: 60,
};

type Step = (world: World) => void | Promise<void>;

/** A call whose members come, go, mute and change what they receive. */
class World {
  readonly #members = new Map<string, Participant>();
  readonly #unwanted = new Set<string>();
  #joined = 0;
  #sources = 0;
  #listener: Participant | undefined;
  #screen: SharedScreen | undefined;
  readonly #cameras = new Map<Participant, LocalTrack>();
  /** The payload type under which the listener wants voices. */
  #listenersFormat = 111;

  get #all(): [string, Participant][] {
    return [...this.#members];
  }

  #pick(index: number): [string, Participant] {
    return this.#all[index % this.#members.size]!;
  }

  async join(dcSignaling: boolean): Promise<void> {
    const sessionID = `member-${this.#joined++}`;
    this.#members.set(sessionID, await call.join(sessionID, { dcSignaling, usesRtx: this.#joined % 2 === 0 }));
  }

  /** Sends nothing, and changes its numbers now and then. */
  async joinListener(): Promise<void> {
    this.#listener = await call.join('listener', {
      voice: false,
      tamper: ({ type, sdp }) => ({ type, sdp: sdp.replace(/\b111\b/g, String(this.#listenersFormat)) }),
    });
    this.#members.set('listener', this.#listener);
  }

  async leave(index: number): Promise<void> {
    if (this.#members.size <= 2) return;
    const [sessionID, participant] = this.#pick(index);
    if (this.#isSilent(participant)) return;
    this.#members.delete(sessionID);
    await participant.close();
  }

  tellMute(index: number, type: RtcMessageType): void {
    tellAbout(this.#pick(index)[0], type);
  }

  flip(index: number, of: number): void {
    const [receiverID, receiver] = this.#pick(index);
    const [senderID] = this.#pick(of);
    const key = `${receiverID} ${senderID}`;
    const receives = this.#unwanted.delete(key);
    if (!receives) this.#unwanted.add(key);
    this.#negotiate(() => receiver.setReceiving(senderID, receives));
  }

  /** A member goes on speaking on another section, as after a change of its microphone. */
  publishAgain(index: number): void {
    const [, participant] = this.#pick(index);
    if (!this.#isSilent(participant)) this.#negotiate(() => participant.publishVoice());
  }

  /** A member sends a while from a source that it did not announce, of which packets in between are lost. */
  speakFromOtherSource(index: number, lost: number): void {
    const [, participant] = this.#pick(index);
    this.#sources += 1;
    if (this.#isSilent(participant)) return;
    const voice = new RawVoice(call, participant, { ssrc: this.#sources });
    for (let round = 0; round < 4; round++) {
      voice.speak(5);
      voice.skip(lost);
    }
  }

  renumber(): void {
    this.#listenersFormat = this.#listenersFormat === 111 ? 96 : 111;
    this.#negotiate(() => this.#listener?.renegotiate());
  }

  restartIce(index: number): void {
    this.#negotiate(() => this.#pick(index)[1].restartIce());
  }

  /** A member continues from another address. */
  async move(index: number): Promise<void> {
    await this.#pick(index)[1].moveTo(call.newAddress());
    call.time.runFor(200);
  }

  /** A member shakes hands once more: the same streams continue under other keys. */
  changeKeys(index: number): void {
    this.#pick(index)[1].shakeHandsAgain();
    call.time.runFor(500);
  }

  /** A member shows its camera, or stops showing it. */
  toggleCamera(index: number): void {
    const [sessionID, participant] = this.#pick(index);
    if (this.#isSilent(participant)) return;
    const shown = this.#cameras.get(participant);
    this.#negotiate(() => {
      if (shown) {
        this.#cameras.delete(participant);
        participant.unpublishVideo(shown);
        return;
      }
      const camera = participant.publishVideo({ codecs: ['VP8'] });
      this.#cameras.set(participant, camera);
      participant.sendVideo(camera, FEW_PACKETS);
      tellAbout(sessionID, RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID: camera.streamId }));
    });
  }

  /** One member speaks, and the microphones of the others are open. */
  speakAlone(index: number, durationMs: number): void {
    const [, speaker] = this.#pick(index);
    const speakers = [...this.#members.values()].filter((participant) => !this.#isSilent(participant));
    for (let packet = 0; packet < durationMs / 20; packet++) {
      for (const participant of speakers) participant.sendVoice(participant === speaker ? 20 : 90);
      call.time.runFor(20);
    }
  }

  #isSilent(participant: Participant): boolean {
    return participant === this.#listener || participant === this.#screen?.sender;
  }

  /** A participant makes one offer at a time. */
  #negotiate(offer: () => void): void {
    offer();
    call.time.runFor(200);
  }

  speak(durationMs: number): void {
    const speakers = [...this.#members.values()].filter((participant) => !this.#isSilent(participant));
    call.speak(speakers, durationMs);
  }

  /** Shares its screen in two encodings; what is lost of it is asked for again on both sides. */
  async joinSharer(usesRtx: boolean): Promise<void> {
    this.#screen = await shareScreen(call, [FEW_PACKETS, FEW_PACKETS], { rids: ['l', 'h'], usesRtx });
    this.#members.set('sender', this.#screen.sender);
  }

  #probe(): void {
    const { sender, track, encodings } = this.#screen!;
    if (sender.negotiated(track)) for (const encoding of encodings) encoding.probe(call.time.nowMs);
  }

  /** An encoder stops for lack of bandwidth, or starts again. */
  pauseEncoding(index: number): void {
    const encoding = this.#screen?.encodings[index];
    if (encoding) encoding.isPaused = !encoding.isPaused;
  }

  lose(lossRate: number): void {
    call.network.setConditions({ lossRate, reorderRate: lossRate, duplicateRate: lossRate });
    for (let round = 0; round < 15; round++) {
      this.#probe();
      call.time.runFor(100);
    }
    call.network.setConditions({ lossRate: 0, reorderRate: 0, duplicateRate: 0 });
  }

  /** From now on everybody wants everybody, unmuted: all are heard at once, up to a number. */
  settle(maxActiveVoices: number): void {
    call.time.runFor(30_000);
    for (const [sessionID, participant] of this.#all) {
      tellAbout(sessionID, RtcMessageType.Unmute);
      for (const [senderID] of this.#all) {
        if (senderID !== sessionID) this.#negotiate(() => participant.setReceiving(senderID, true));
      }
    }
    call.time.runFor(30_000);
    // Voices that were alike keep their places.
    this.speak(3_000);
    call.time.runFor(100);
    const voices = this.#all.filter(([, sender]) => !this.#isSilent(sender)).map(([sessionID]) => sessionID);
    const counts = () =>
      voices.map((senderID) =>
        this.#all
          .filter(([sessionID]) => sessionID !== senderID)
          .map(([, participant]) => participant.received(senderID)?.packets ?? 0),
      );
    const before = counts();
    this.speak(200);
    call.time.runFor(100);
    const news = counts().map((packets, voice) => packets.map((count, index) => count - before[voice]![index]!));
    const heard = news.filter((packets) => packets.every((count) => count === 10));
    const unheard = news.filter((packets) => packets.every((count) => count === 0));
    const places = maxActiveVoices === 0 ? voices.length : Math.min(maxActiveVoices, voices.length);
    expect([heard.length, unheard.length]).toEqual([places, voices.length - places]);
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 20, max: 600 }).map((ms) => (world: World) => world.speak(ms)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(9), fc.integer({ min: 20, max: 2_000 })).map(
      ([index, durationMs]) =>
        (world: World) =>
          world.speakAlone(index, durationMs),
    ),
  },
  fc.boolean().map((dcSignaling) => (world: World) => world.join(dcSignaling)),
  fc.nat(9).map((index) => (world: World) => world.leave(index)),
  fc.nat(9).map((index) => (world: World) => world.tellMute(index, RtcMessageType.Mute)),
  fc.nat(9).map((index) => (world: World) => world.tellMute(index, RtcMessageType.Unmute)),
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(9), fc.nat(9)).map(
      ([by, of]) =>
        (world: World) =>
          world.flip(by, of),
    ),
  },
  fc.nat(9).map((index) => (world: World) => world.restartIce(index)),
  fc.nat(9).map((index) => (world: World) => world.move(index)),
  fc.nat(9).map((index) => (world: World) => world.changeKeys(index)),
  { weight: 2, arbitrary: fc.nat(9).map((index) => (world: World) => world.toggleCamera(index)) },
  fc.nat(9).map((index) => (world: World) => world.publishAgain(index)),
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(9), fc.constantFrom(0, 20, 2_900, 30_000)).map(
      ([index, lost]) =>
        (world: World) =>
          world.speakFromOtherSource(index, lost),
    ),
  },
  fc.constant((world: World) => world.renumber()),
  {
    weight: 3,
    arbitrary: fc.integer({ min: 5, max: 30 }).map((percent) => (world: World) => world.lose(percent / 100)),
  },
  fc.nat(1).map((index) => (world: World) => world.pauseEncoding(index)),
);

it('never happens, whatever pauses, moves, switches, joins, and leaves', { timeout: RUNS * 2_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.boolean(),
      fc.constantFrom(0, 2),
      fc.array(step, { minLength: 5, maxLength: 30 }),
      async (seed, rtx, maxActiveVoices, steps) => {
        sent = new SentPackets();
        call = await SimulatedCall.start({
          seed,
          delayMs: 15,
          sfu: { maxActiveVoices },
          createPlane: sent.createPlane,
        });
        const world = new World();
        for (const dcSignaling of [true, false, true]) await world.join(dcSignaling);
        await world.joinListener();
        await world.joinSharer(rtx);
        for (const take of steps) await take(world);
        world.settle(maxActiveVoices);
        expect(sent.reused).toEqual([]);
        await call.close();
      },
    ),
    { numRuns: RUNS },
  );
});
