import { isIP } from 'node:net';
import { textOf } from '@rtcd/boundary';
import type { LocalAddress, PacketIo, Path, PathId } from '@rtcd/packet-io';
import type { Clock, Logger, Random } from '../ports.ts';
import type { TransportAddress } from '../stun/address.ts';
import {
  type BindingRequestFields,
  newTransactionId,
  parseServerAnswer,
  writeBindingRequest,
} from '../stun/binding.ts';
import { hasStunHeader, transactionIdOf } from '../stun/message.ts';
import { transactionKey } from '../stun/transaction-key.ts';
import { isLoopback } from './advertised-address.ts';

/** RFC 8489 section 6.2.1: the first retransmission comes after this time, each later one after twice the time before. */
const RTO_MS = 500;
/** The contract's limit on all answers ("Network"). */
const LIMIT_MS = 5_000;

/** A STUN server by its addresses. */
export interface StunServer {
  readonly url: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

/** Answer of a STUN server about one of our sockets. */
export interface StunAnswer {
  readonly local: LocalAddress;
  /** URL of the server. */
  readonly server: string;
  /** Address under which the server sees the socket, undefined if it did not answer. */
  readonly mapped: TransportAddress | undefined;
  /** Address from which the server can answer, too (RFC 5780). */
  readonly other: TransportAddress | undefined;
}

export interface AskOptions {
  /** Gives each server 5 s, rather than being content with the first answer. */
  readonly waitForAll?: boolean;
  /** Asks the servers to answer from their other address: nothing was sent there, so that a firewall lets only answers to an open port pass. */
  readonly fromOtherAddress?: boolean;
}

export interface StunClientOptions {
  readonly io: Pick<PacketIo, 'localAddresses' | 'openPath' | 'releasePath' | 'transmit'>;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Asks STUN servers (RFC 8489) for the public addresses of our media sockets, from these sockets. */
export class StunClient {
  readonly #options: StunClientOptions;
  readonly #questions = new Map<string, Question>();

  constructor(options: StunClientOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the answers when each local address has one, or after 5 s. Servers that have not answered by then are among them, without an
   * address.
   */
  async ask(servers: readonly StunServer[], options: AskOptions = {}): Promise<readonly StunAnswer[]> {
    const { waitForAll = false, fromOtherAddress = false } = options;
    const asked = this.#options.io.localAddresses.map((local, index) =>
      local.protocol !== 'udp'
        ? []
        : this.#ask(local, index, servers, { ...(fromOtherAddress && { changeRequest: true }) }),
    );
    const each = (questions: readonly Question[]) => questions.map(({ answer }) => answer);
    await Promise.all(
      asked.map((questions) =>
        waitForAll ? Promise.allSettled(each(questions)) : Promise.any(each(questions)).catch(() => {}),
      ),
    );
    return asked.flat().map(({ local, server, mapped, other }) => ({ local, server, mapped, other }));
  }

  /** Takes a datagram that came to one of the sockets. Returns whether it is an answer. */
  receive(datagram: Buffer): boolean {
    if (this.#questions.size === 0 || !hasStunHeader(datagram)) return false;
    return this.#questions.get(transactionKey(transactionIdOf(datagram)))?.receive(datagram) ?? false;
  }

  /** Ends all questions. */
  close(): void {
    for (const question of this.#questions.values()) question.end();
  }

  /** Asks every server that can be reached from a local address. */
  #ask(local: LocalAddress, index: number, servers: readonly StunServer[], fields: BindingRequestFields): Question[] {
    return servers.flatMap(({ url, port, addresses }) => {
      const address = addresses.find((it) => isIP(it) === local.family && isLoopback(it) === isLoopback(local.address));
      if (address === undefined) return [];
      try {
        return [this.#question(local, url, { local: index, address, port }, fields)];
      } catch (error) {
        this.#options.logger.warn({ server: url, reason: textOf(error) }, 'STUN server not asked');
        return [];
      }
    });
  }

  #question(local: LocalAddress, server: string, to: Path, fields: BindingRequestFields): Question {
    const transactionId = newTransactionId(this.#options.random);
    const key = transactionKey(transactionId);
    const path = this.#options.io.openPath(to);
    const question = new Question(this.#options, { local, server, transactionId, path, fields }, () => {
      this.#options.io.releasePath(path);
      this.#questions.delete(key);
    });
    this.#questions.set(key, question);
    return question;
  }
}

interface QuestionOptions {
  readonly local: LocalAddress;
  readonly server: string;
  readonly transactionId: Uint8Array;
  readonly path: PathId;
  readonly fields: BindingRequestFields;
}

/** One transaction with one server, from one socket. */
class Question {
  readonly local: LocalAddress;
  readonly server: string;
  mapped: TransportAddress | undefined;
  other: TransportAddress | undefined;
  /** Rejects after 5 s. */
  readonly answer: Promise<void>;
  readonly #ports: StunClientOptions;
  readonly #options: QuestionOptions;
  readonly #request: Buffer;
  readonly #onEnd: () => void;
  readonly #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void };
  readonly #limit: unknown;
  #timer: unknown;
  #isOver = false;

  constructor(ports: StunClientOptions, options: QuestionOptions, onEnd: () => void) {
    this.local = options.local;
    this.server = options.server;
    this.#ports = ports;
    this.#options = options;
    this.#request = writeBindingRequest(options.transactionId, options.fields);
    this.#onEnd = onEnd;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.answer = promise;
    this.#settle = { resolve, reject };
    this.#limit = ports.clock.setTimer(() => this.end(), LIMIT_MS);
    this.#send(RTO_MS);
  }

  receive(datagram: Buffer): boolean {
    const answer = parseServerAnswer(datagram, this.#options.transactionId);
    if (answer === undefined) return false;
    if (isReachable(answer.mapped, this.local)) {
      this.mapped = answer.mapped;
      this.other = answer.other;
      this.#settle.resolve();
      this.end();
    }
    return true;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ports.clock.clearTimer(this.#limit);
    this.#ports.clock.clearTimer(this.#timer);
    this.#onEnd();
    this.#settle.reject(new Error('no answer'));
  }

  #send(timeoutMs: number): void {
    this.#ports.io.transmit(this.#request, this.#options.path);
    this.#timer = this.#ports.clock.setTimer(() => this.#send(2 * timeoutMs), timeoutMs);
  }
}

/** No peer reaches a socket at port 0, at an unspecified address, or at an address of the other family. */
const isReachable = ({ address, port }: TransportAddress, local: LocalAddress): boolean =>
  port > 0 && isIP(address) === local.family && !/^[0:.]+$/.test(address);
