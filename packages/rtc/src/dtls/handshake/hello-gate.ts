import type { Random } from '../../ports.ts';
import { type ClientHello, parseClientHello } from '../messages/client-hello.ts';
import { type HandshakeFragment, HandshakeType, messageBody } from '../messages/handshake-message.ts';
import { CookieJar, writeCookieRequest } from './cookie.ts';
import { HelloAssembler } from './hello-assembler.ts';

/** No client sends so many records before its ClientHello, and ours continue from its number, which has an end. */
const MAX_RECORD_SEQUENCE = 2 ** 40;
/** Each costs a key pair and a signature, and only a client with our cookie can ask for it. */
const MAX_ADMISSIONS = 8;

/** Decision about a ClientHello. */
export type HelloOutcome =
  /** The fragment waits for the rest of its message, or is dropped. */
  | { readonly kind: 'nothing'; readonly isDropped: boolean }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'cookie_needed'; readonly request: Buffer }
  | AdmittedHello;

const DROPPED: HelloOutcome = { kind: 'nothing', isDropped: true };

export interface AdmittedHello {
  readonly kind: 'admitted';
  readonly hello: ClientHello;
  /** The whole message, as it goes into the transcript. */
  readonly message: Buffer;
}

/** Lets those ClientHellos through whose sender has received our cookie at the address that it claims (RFC 6347 section 4.2.1). */
export class HelloGate {
  readonly #cookies: CookieJar;
  readonly #assembler = new HelloAssembler();
  #admissionsLeft = MAX_ADMISSIONS;

  constructor(random: Random) {
    this.#cookies = new CookieJar(random);
  }

  get bufferedBytes(): number {
    return this.#assembler.bufferedBytes;
  }

  /** Takes a fragment that arrived in the record of that number. */
  add(fragment: HandshakeFragment, recordSequence: number): HelloOutcome {
    if (recordSequence > MAX_RECORD_SEQUENCE || fragment.type !== HandshakeType.clientHello) return DROPPED;
    const message = this.#assembler.add(fragment);
    if (message === undefined) return { kind: 'nothing', isDropped: false };
    const hello = parseClientHello(messageBody(message));
    if (hello === undefined) return { kind: 'malformed' };
    if (!this.#cookies.isValid(hello)) {
      const request = writeCookieRequest(this.#cookies.cookieFor(hello), fragment.messageSeq, recordSequence);
      return { kind: 'cookie_needed', request };
    }
    if (this.#admissionsLeft === 0) return DROPPED;
    this.#admissionsLeft--;
    return { kind: 'admitted', hello, message };
  }
}
