import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RtcdClient } from '@rtcd/client';
import type { Findings } from './findings.ts';
import { Member } from './member.ts';
import { ChaosFinding, inTime, until } from './until.ts';

const KEY = 'a key of the client: 32 characters';
const RECONNECT_MS = 50;
/** A join may be refused while media is being started again, and its messages may get lost. */
const JOINS_LIMIT_MS = 30_000;
const JOIN_LIMIT_MS = 12_000;
const JOIN_AGAIN_MS = 500;
/** Packets of each other that members have to hear. */
const PACKETS = 5;

/** A Mattermost installation: a client, whose connection can be cut, and the members of its call. */
export class Installation {
  readonly id: string;
  readonly client: RtcdClient;
  readonly #findings: Findings;
  readonly #callID: string;
  readonly #members = new Map<string, Member>();
  /** Sessions that may end now. */
  readonly #leaving = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #joins = 0;

  constructor(id: string, url: string, findings: Findings) {
    this.id = id;
    this.#callID = `call of ${id}`;
    this.#findings = findings;
    this.client = new RtcdClient({
      url,
      clientID: id,
      authKey: KEY,
      registerOnDemand: true,
      resumeSessions: true,
      reconnectIntervalMs: RECONNECT_MS,
      dial: (host, port) => this.#dial(host, port),
    });
    this.client.on('sessionClosed', (sessionID) => this.#onClosed(sessionID));
    // It tries again by itself; each attempt that failed has to say why.
    this.client.on('error', (error) => findings.refused(`client ${id}`, error.message));
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  heal(): void {
    this.#isCut = false;
  }

  /** Joins with one more member; again, if that is refused or gets lost, as people do. */
  async join(): Promise<void> {
    const endMs = performance.now() + JOINS_LIMIT_MS;
    while (performance.now() < endMs) {
      await until(() => this.client.phase === 'connected', `client ${this.id} connected`);
      const sessionID = `${this.id}-${++this.#joins}`;
      const member = await this.#tryToJoin(sessionID);
      if (member !== undefined) {
        this.#members.set(sessionID, member);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, JOIN_AGAIN_MS));
    }
    throw new ChaosFinding(`all joins of client ${this.id} within ${JOINS_LIMIT_MS / 1_000} s failed`);
  }

  async #tryToJoin(sessionID: string): Promise<Member | undefined> {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), JOIN_LIMIT_MS);
    const onClosed = (closed: string) => closed === sessionID && end.abort();
    this.client.on('sessionClosed', onClosed);
    this.#leaving.add(sessionID);
    try {
      const member = await Member.join(this.client, this.#callID, sessionID, end.signal);
      this.#leaving.delete(sessionID);
      return member;
    } catch {
      if (this.client.phase === 'connected') this.client.leave(sessionID);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.client.off('sessionClosed', onClosed);
    }
  }

  /** The member who came first leaves, and its client is told so. */
  async leave(): Promise<void> {
    const [member] = this.members;
    if (member === undefined) return;
    const { sessionID } = member;
    this.#members.delete(sessionID);
    this.#leaving.add(sessionID);
    const closed = new Promise<void>((resolve) => {
      const onClosed = (id: string) => {
        if (id !== sessionID) return;
        this.client.off('sessionClosed', onClosed);
        resolve();
      };
      this.client.on('sessionClosed', onClosed);
    });
    // The peer says goodbye, whether or not its client has a connection.
    await member.close();
    await inTime(closed, `client ${this.id} is not informed that ${sessionID} has ended`);
  }

  /** All sessions are about to end for a reason that affects all. Resolves when the client has been informed of each. */
  async loseAll(): Promise<void> {
    const lost = this.members;
    const open = new Set(lost.map(({ sessionID }) => sessionID));
    for (const sessionID of open) this.#leaving.add(sessionID);
    this.#members.clear();
    const onClosed = (sessionID: string) => open.delete(sessionID);
    this.client.on('sessionClosed', onClosed);
    await until(
      () => open.size === 0,
      () => `client ${this.id} is not informed that ${[...open].join(', ')} have ended`,
    );
    this.client.off('sessionClosed', onClosed);
    await Promise.all(lost.map((member) => member.close()));
  }

  /** Everyone hears everyone else. */
  async checkVoices(): Promise<void> {
    const pairs = this.members.flatMap((listener) =>
      this.members.filter((speaker) => speaker !== listener).map((speaker) => ({ listener, speaker })),
    );
    const before = pairs.map(({ listener, speaker }) => listener.heard(speaker.sessionID));
    const isHeard = ({ listener, speaker }: (typeof pairs)[number], index: number) =>
      listener.heard(speaker.sessionID) >= before[index]! + PACKETS;
    await until(
      () => pairs.every(isHeard),
      () => {
        const silent = pairs.filter((pair, index) => !isHeard(pair, index));
        const names = silent.map(({ listener, speaker }) => `${listener.sessionID} ${speaker.sessionID}`);
        return `not heard: ${names.join(', ')}`;
      },
    );
  }

  async close(): Promise<void> {
    while (this.#members.size > 0) await this.leave();
    await this.client.close();
  }

  /** The network of a computer that goes away ends what is open, and refuses what is new. */
  #dial(host: string, port: number): Socket {
    const socket = connect({ host, port });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#isCut) socket.destroy(new Error('the network is down'));
    return socket;
  }

  /** A client that has connected again may be informed twice: it asks for its sessions before it knows. */
  #onClosed(sessionID: string): void {
    const isExpected = this.#leaving.has(sessionID) || this.#ended.has(sessionID);
    this.#ended.add(sessionID);
    if (!isExpected) this.#findings.add(`the session ${sessionID} of an innocent has ended`);
  }

  async connect(): Promise<void> {
    const connected = once(this.client, 'connected');
    await inTime(this.client.connect(), `client ${this.id} cannot connect`);
    await connected;
  }
}
