import type { PublishedLevel, SourcePacket, SourceVideo } from '../../call/published-track.ts';
import { FRAME_NUMBERS, writeDependencyDescriptor } from '../../codecs/dependency-descriptor.ts';
import { ALL_LAYERS, type Layers } from '../../codecs/layers.ts';
import type { PayloadDescriptor } from '../../codecs/payload-descriptor.ts';
import { Vp8Rewriter } from '../../codecs/vp8-rewriter.ts';
import { ContinuedNumber } from '../../rtp/continued-number.ts';
import type { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import type { SequenceRewriter } from '../../rtp/sequence-rewriter.ts';
import { LayerFilter } from './layer-filter.ts';
import { LevelSwitch } from './level-switch.ts';

/** `unwanted`: of another encoding or layer. `late`: older than what its numbers could still continue. */
export type Placement = 'placed' | 'unwanted' | 'late';

/**
 * Makes one outgoing video of the encodings of a track and their layers: decides which packets one receiver is sent, and continues all numbers
 * over what is left out.
 */
export class LayerSwitch {
  /** Marker bit of the packet that was placed last. Its other numbers are in the `rewriter`. */
  marker = false;
  readonly #rewriter: SequenceRewriter;
  readonly #levels = new LevelSwitch();
  readonly #layers = new LayerFilter();
  readonly #vp8 = new Vp8Rewriter();
  readonly #frameNumbers = new ContinuedNumber(FRAME_NUMBERS);

  constructor(rewriter: SequenceRewriter) {
    this.#rewriter = rewriter;
  }

  /** The encoding that flows. */
  get level(): PublishedLevel | undefined {
    return this.#levels.current;
  }

  /** The encoding that is to flow, from its next key frame on, and its layers; without one, nothing flows from now on. */
  want(level: PublishedLevel | undefined, layers: Layers = ALL_LAYERS): void {
    this.#layers.want(layers);
    this.#levels.want(level);
    if (level === this.level && this.#layers.needsKeyframe) level?.requestKeyframe();
  }

  /** Marks that the next packets do not continue what was sent, of one encoding or of all. */
  restart(level?: PublishedLevel): void {
    this.#levels.restart(level);
  }

  /** The receiver cannot decode what flows. */
  requestKeyframe(): void {
    this.#levels.requestKeyframe();
  }

  /** Decides on a packet, and numbers it. With the first one of an encoding, `level` changes. */
  place(packet: SourcePacket, video: SourceVideo): Placement {
    const before = this.#levels.current;
    if (!this.#levels.takes(packet.number, video)) return 'unwanted';
    if (this.#levels.current !== before) this.#switchSource();
    if (!this.#layers.takes(packet, video.payload)) {
      this.#vp8.skip(video.payload);
      return 'unwanted';
    }
    // It was placed behind its rest, and brought no layers.
    if (video.payload.startsKeyframe && this.#layers.needsKeyframe) video.level.requestKeyframe();
    const { number, marker } = this.#layers;
    if (number < 0 || !this.#rewriter.rewrite(number, packet.timestamp, packet.arrivedMs, packet.clock)) return 'late';
    this.marker = marker;
    return 'placed';
  }

  /**
   * Writes what takes the place of the first `length` bytes of the payload at `start` to `out`, and returns where it ends. For the
   * packet that was placed last, once.
   */
  writePrefix(out: Buffer, offset: number, packet: Buffer, start: number, payload: PayloadDescriptor): number {
    return payload.length === 0 ? offset : this.#vp8.rewrite(out, offset, packet, start, payload);
  }

  /** Writes the dependency descriptor of the packet that was placed last, if it has one. Once. */
  writeDependencyDescriptor(extensions: HeaderExtensionWriter, id: number, payload: PayloadDescriptor): void {
    if (payload.dependencyDescriptorLength === 0) return;
    writeDependencyDescriptor(extensions, id, payload, this.#frameNumbers.next(payload.frameNumber));
  }

  #switchSource(): void {
    this.#layers.switchSource();
    this.#vp8.switchSource();
    this.#frameNumbers.switchSource();
    this.#rewriter.switchSource();
  }
}
