import {
  HANDSHAKE_HEADER_SIZE,
  type HandshakeFragment,
  type HandshakeType,
  messageBody,
  writeHandshakeHeader,
} from '../messages/handshake-message.ts';

/** A message that may come next, and how long it may be. */
export interface ExpectedMessage {
  readonly messageSeq: number;
  readonly type: HandshakeType;
  readonly maxLength: number;
}

interface Slot {
  /** Whole message, its header written already. */
  readonly message: Buffer;
  /** One byte for each of the body: whether it has come. Undefined once all have. */
  arrived: Uint8Array | undefined;
  missing: number;
}

/**
 * Puts fragmented handshake messages together (RFC 6347 section 4.2.3), only those that are expected: memory is at most
 * twice the sum of their limits whatever comes. A fragment is unauthenticated until the handshake has been verified, so
 * a message that turns out to be wrong is discarded, and the peer's retransmission is taken instead.
 */
export class MessageAssembler {
  readonly #expected: readonly ExpectedMessage[];
  readonly #slots: (Slot | undefined)[];

  constructor(expected: readonly ExpectedMessage[]) {
    this.#expected = expected;
    this.#slots = expected.map(() => undefined);
  }

  get bufferedBytes(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot ? slot.message.length + (slot.arrived?.length ?? 0) : 0), 0);
  }

  /** Returns whether a fragment belongs to an expected message that is not too long. */
  isExpected({ messageSeq, type, length }: HandshakeFragment): boolean {
    return length <= (this.#expected[this.#indexOf(messageSeq, type)]?.maxLength ?? -1);
  }

  /** Takes a fragment in (it is copied). True if it has made a message whole. */
  add(fragment: HandshakeFragment): boolean {
    if (!this.isExpected(fragment)) return false;

    const index = this.#indexOf(fragment.messageSeq, fragment.type);
    let slot = this.#slots[index];
    if (slot?.missing === 0) return false;
    // A whole message beats pieces, and of two opinions about the length the later wins: a forged piece must not block the rest.
    const whole = fragment.body.length === fragment.length;
    if (slot === undefined || whole || messageBody(slot.message).length !== fragment.length) {
      slot = openSlot(fragment);
      this.#slots[index] = slot;
    }
    fill(slot, fragment);
    return slot.missing === 0;
  }

  /** The whole message with its header, undefined while parts of it are missing. */
  get(messageSeq: number, type: HandshakeType): Buffer | undefined {
    const slot = this.#slots[this.#indexOf(messageSeq, type)];
    return slot?.missing === 0 ? slot.message : undefined;
  }

  discard(messageSeq: number, type: HandshakeType): void {
    const index = this.#indexOf(messageSeq, type);
    if (index >= 0) this.#slots[index] = undefined;
  }

  clear(): void {
    this.#slots.fill(undefined);
  }

  #indexOf(messageSeq: number, type: number): number {
    return this.#expected.findIndex((expected) => expected.messageSeq === messageSeq && expected.type === type);
  }
}

function openSlot(fragment: HandshakeFragment): Slot {
  const message = Buffer.alloc(HANDSHAKE_HEADER_SIZE + fragment.length);
  const { type, length, messageSeq } = fragment;
  writeHandshakeHeader({ type, length, messageSeq, fragmentOffset: 0 }, length, message);
  const whole = fragment.body.length === length;
  return { message, arrived: whole ? undefined : new Uint8Array(length), missing: length };
}

/** Copies a fragment. The first to contain a byte counts, so that a later one cannot change it. */
function fill(slot: Slot, { body, fragmentOffset }: HandshakeFragment): void {
  const target = messageBody(slot.message);
  if (slot.arrived === undefined) {
    body.copy(target);
    slot.missing = 0;
    return;
  }
  for (let index = 0; index < body.length; index++) {
    const at = fragmentOffset + index;
    if (slot.arrived[at] === 1) continue;
    slot.arrived[at] = 1;
    target[at] = body[index]!;
    slot.missing--;
  }
  if (slot.missing === 0) slot.arrived = undefined;
}
