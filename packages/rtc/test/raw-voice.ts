import { writeRtpHeader } from '../src/rtp/header.ts';
import { HeaderExtensionWriter } from '../src/rtp/header-extensions.ts';
import type { Participant, SimulatedCall } from '../src/testing/index.ts';

export interface RawVoiceOptions {
  readonly ssrc: number;
  readonly payloadType?: number;
  /** The mid that its packets name, and the id of that header extension. */
  readonly mid?: { readonly id: number; readonly value: string };
  readonly levelId?: number;
}

/** A stream of RTP that a participant sends beside or in place of its voice, with everything in it as the test says. */
export class RawVoice {
  options: RawVoiceOptions;
  readonly #call: SimulatedCall;
  readonly #sender: Participant;
  #index = 0;

  constructor(call: SimulatedCall, sender: Participant, options: RawVoiceOptions) {
    this.#call = call;
    this.#sender = sender;
    this.options = options;
  }

  /** Packets so far. */
  get sent(): number {
    return this.#index;
  }

  /** Numbers and timestamps pass over this many packets, as if they were lost. */
  skip(count: number): void {
    this.#index += count;
  }

  /** Sends packets, one each 20 ms. */
  speak(count: number, level: (packet: number) => number = () => 30): void {
    for (let packet = 0; packet < count; packet++) {
      this.send(Buffer.alloc(40, this.#index & 0xff), { level: level(packet) });
      this.#call.time.runFor(20);
    }
  }

  /** Sends one packet. With `padded`, all of its payload is padding. */
  send(payload: Buffer, { level = 30, padded = false }: { level?: number; padded?: boolean } = {}): void {
    const { ssrc, payloadType = 111, mid, levelId = 0 } = this.options;
    const index = this.#index++;
    const packet = Buffer.alloc(128);
    const timestamp = (index * 960) >>> 0;
    writeRtpHeader(packet, 0, { marker: false, payloadType, sequenceNumber: index & 0xffff, timestamp, ssrc });
    const extensions = new HeaderExtensionWriter();
    extensions.begin(packet, 0);
    if (levelId > 0) extensions.writeUInt8(levelId, level);
    if (mid) extensions.writeBytes(mid.id, Buffer.from(mid.value));
    const headerLength = extensions.end();
    payload.copy(packet, headerLength);
    if (padded) {
      packet[0]! |= 0x20;
      packet[headerLength + payload.length - 1] = payload.length;
    }
    this.#sender.sendRawRtp(packet.subarray(0, headerLength + payload.length), index >> 16);
  }
}
