import { type HandshakeFragment, HandshakeType } from '../messages/handshake-message.ts';
import { MessageAssembler } from './message-assembler.ts';

/** Room for the key shares of post-quantum groups: browsers send 1430 bytes with one of them. */
const MAX_CLIENT_HELLO_SIZE = 4096;
/** The hello without and the hello with a cookie can be under way at the same time. */
const MAX_HELLOS = 2;
/** Our messages count on from the hello's number, and have 16 bits. */
const MAX_MESSAGE_SEQ = 0xff00;

/**
 * Puts ClientHellos together. Their number is not known beforehand: each HelloVerifyRequest that the
 * client receives, even a forged one, raises it.
 */
export class HelloAssembler {
  /** By message_seq, the one begun last at the end. */
  readonly #hellos = new Map<number, MessageAssembler>();

  get bufferedBytes(): number {
    return [...this.#hellos.values()].reduce((sum, hello) => sum + hello.bufferedBytes, 0);
  }

  /** Takes a fragment in (it is copied), and returns the hello with its header if it is whole now. */
  add(fragment: HandshakeFragment): Buffer | undefined {
    const { messageSeq } = fragment;
    if (fragment.type !== HandshakeType.clientHello || messageSeq > MAX_MESSAGE_SEQ) return undefined;
    const hello = this.#hellos.get(messageSeq) ?? this.#begin(messageSeq);
    if (!hello.add(fragment)) return undefined;
    this.#hellos.delete(messageSeq);
    return hello.get(messageSeq, HandshakeType.clientHello);
  }

  #begin(messageSeq: number): MessageAssembler {
    const [oldest] = this.#hellos.keys();
    if (oldest !== undefined && this.#hellos.size >= MAX_HELLOS) this.#hellos.delete(oldest);
    const expected = { messageSeq, type: HandshakeType.clientHello, maxLength: MAX_CLIENT_HELLO_SIZE };
    const hello = new MessageAssembler([expected]);
    this.#hellos.set(messageSeq, hello);
    return hello;
  }
}
