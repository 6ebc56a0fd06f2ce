import { isIP } from 'node:net';
import { textOf } from '@rtcd/boundary';
import type { LocalAddress, PacketIo, PathId } from '@rtcd/packet-io';
import type { Clock, Logger, Random } from '../ports.ts';
import type { TransportAddress } from '../stun/address.ts';
import { newTransactionId, parseBindingResponse, writeBindingRequest } from '../stun/binding.ts';
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

/** A local address under which a STUN server sees us as another one. */
export interface PublicAddress extends TransportAddress {
  readonly local: LocalAddress;
}

export interface PublicAddressesOptions {
  readonly io: Pick<PacketIo, 'localAddresses' | 'openPath' | 'releasePath' | 'transmit'>;
  readonly servers: readonly StunServer[];
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Asks STUN servers (RFC 8489) for the public addresses of our media sockets, from these sockets. */
export class PublicAddresses {
  readonly #options: PublicAddressesOptions;
  readonly #questions: Question[] = [];

  constructor(options: PublicAddressesOptions) {
    this.#options = options;
  }

  /** Resolves when each local address has an answer, or after 5 s, with those that differ from the local ones. */
  async find(): Promise<readonly PublicAddress[]> {
    const { io, clock, logger } = this.#options;
    const { promise: limit, resolve: onLimit } = Promise.withResolvers<void>();
    const timer = clock.setTimer(onLimit, LIMIT_MS);
    const found = io.localAddresses.map((local, index) => this.#ask(local, index));
    await Promise.race([limit, Promise.all(found)]);
    clock.clearTimer(timer);
    const silent = this.#questions.filter(({ answer }) => answer === undefined);
    for (const question of this.#questions) question.close();
    const answers = this.#questions.flatMap(({ local, answer }) => (answer ? [{ local, ...answer }] : []));
    for (const { local, server } of silent) {
      if (answers.some((answer) => answer.local === local)) continue;
      logger.warn({ local: local.address, server }, 'no answer from the STUN server: local address advertised');
    }
    const isOther = ({ local, address, port }: PublicAddress) => address !== local.address || port !== local.port;
    return answers.filter(
      (one, index) => isOther(one) && answers.findIndex(({ local }) => local === one.local) === index,
    );
  }

  /** Takes a datagram that came to one of the sockets. */
  receive(datagram: Buffer): void {
    for (const question of this.#questions) question.receive(datagram);
  }

  /** Asks every server that can be reached from a local address. Resolves with the first answer. */
  async #ask(local: LocalAddress, index: number): Promise<void> {
    const questions = this.#options.servers.flatMap(({ url, port, addresses }) => {
      const address = addresses.find((it) => isIP(it) === local.family && isLoopback(it) === isLoopback(local.address));
      if (address === undefined) return [];
      try {
        return [new Question(this.#options, local, url, { local: index, address, port })];
      } catch (error) {
        this.#options.logger.warn({ server: url, reason: textOf(error) }, 'STUN server not asked');
        return [];
      }
    });
    this.#questions.push(...questions);
    if (questions.length > 0) await Promise.race(questions.map(({ answered }) => answered));
  }
}

/** One transaction with one server, from one socket. */
class Question {
  readonly local: LocalAddress;
  readonly server: string;
  answer: TransportAddress | undefined;
  readonly answered: Promise<void>;
  readonly #options: PublicAddressesOptions;
  readonly #transactionId: Uint8Array;
  readonly #request: Buffer;
  readonly #path: PathId;
  #onAnswer: () => void;
  #timer: unknown;

  constructor(
    options: PublicAddressesOptions,
    local: LocalAddress,
    server: string,
    to: Parameters<PacketIo['openPath']>[0],
  ) {
    this.local = local;
    this.server = server;
    this.#options = options;
    this.#transactionId = newTransactionId(options.random);
    this.#request = writeBindingRequest(this.#transactionId);
    this.#path = options.io.openPath(to);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.answered = promise;
    this.#onAnswer = resolve;
    this.#send(RTO_MS);
  }

  receive(datagram: Buffer): void {
    this.answer ??= parseBindingResponse(datagram, this.#transactionId);
    if (this.answer !== undefined) this.#onAnswer();
  }

  close(): void {
    this.#options.clock.clearTimer(this.#timer);
    this.#options.io.releasePath(this.#path);
  }

  #send(timeoutMs: number): void {
    this.#options.io.transmit(this.#request, this.#path);
    this.#timer = this.#options.clock.setTimer(() => this.#send(2 * timeoutMs), timeoutMs);
  }
}

/** Host and port of a `stun:` URL (RFC 7064), undefined for any other. */
export function parseStunUrl(url: string): { readonly host: string; readonly port: number } | undefined {
  const [, ipv6, name, port = DEFAULT_PORT] = STUN_URL.exec(url) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

const STUN_URL = /^stun:(?:\[([\da-f:.]+)\]|([\w.-]{1,253}))(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = '3478';
