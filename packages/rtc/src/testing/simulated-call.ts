import type { CreatePlane } from '@rtcd/packet-io';
import {
  createSimulatedNetwork,
  type NetworkConditions,
  type SimulatedNetwork,
  type SimulatedNetworkOptions,
} from '@rtcd/packet-io/testing';
import { createDtlsCertificate } from '../dtls/crypto/certificate.ts';
import type { ConnectToServer } from '../io/server-connection.ts';
import { openSfu } from '../open-sfu.ts';
import type { Clock } from '../ports.ts';
import type { SfuOptions } from '../sfu/sfu-options.ts';
import type { Sfu } from '../sfu.ts';
import { type JoinOptions, joinCall } from './participant/join-call.ts';
import type { OpenParticipantIo, Participant } from './participant/participant.ts';
import { seededBytes } from './seeded-random.ts';
import { virtualClock } from './virtual-clock.ts';
import { VirtualTime } from './virtual-time.ts';

/** Conditions of the network and options of the SFU. */
export interface SimulatedCallOptions extends Partial<NetworkConditions> {
  /** The same seed gives the same run. Default 1. */
  readonly seed?: number;
  readonly sfu?: Omit<SfuOptions, 'clock' | 'random' | 'openIo' | 'connectToServer'>;
  /** Addresses of the SFU's sockets. Default: one. */
  readonly sfuAddresses?: ReadonlyArray<{ readonly address: string; readonly port: number }>;
  /** The SFU has TCP sockets at the same addresses, as a real one does. Default false. */
  readonly tcp?: boolean;
  /** Connects the SFU to TURN servers on this network. */
  readonly connectToServer?: (network: SimulatedNetwork, clock: Clock) => ConnectToServer;
  /** Sees everything that travels. */
  readonly onTransmit?: SimulatedNetworkOptions['onTransmit'];
  /** Makes the SFU's packet plane. Default: the one in TypeScript. */
  readonly createPlane?: CreatePlane;
}

const SFU_ADDRESS = { address: '192.0.2.1', port: 8443 };
const JOIN_LIMIT_MS = 60_000;
/** A whole SFU with its participants in virtual time, over a network that loses, duplicates, and reorders as configured. */
export class SimulatedCall {
  readonly time: VirtualTime;
  readonly sfu: Sfu;
  readonly network: SimulatedNetwork;
  readonly sfuAddress = SFU_ADDRESS;
  readonly clock: Clock;
  readonly certificate = createDtlsCertificate();
  readonly #random: ReturnType<typeof seededBytes>;
  #addresses = 0;

  private constructor(sfu: Sfu, parts: { time: VirtualTime; network: SimulatedNetwork; clock: Clock; seed: number }) {
    this.sfu = sfu;
    this.time = parts.time;
    this.network = parts.network;
    this.clock = parts.clock;
    this.#random = seededBytes(parts.seed + 1);
  }

  /** Starts an SFU on a network of its own. No real time passes. */
  static async start(options: SimulatedCallOptions = {}): Promise<SimulatedCall> {
    const {
      seed = 1,
      sfu: sfuOptions,
      sfuAddresses: addresses = [SFU_ADDRESS],
      tcp = false,
      createPlane,
      connectToServer,
      ...conditions
    } = options;
    const time = new VirtualTime();
    const network = createSimulatedNetwork({
      seed,
      ...conditions,
      scheduler: { now: () => time.nowMs, setTimeout: (run, delayMs) => time.schedule(time.nowMs + delayMs, run) },
    });
    const clock = virtualClock(time);
    const sfu = await openSfu({
      ...sfuOptions,
      clock,
      random: seededBytes(seed),
      ...(connectToServer && { connectToServer: connectToServer(network, clock) }),
      openIo: async (handlers) =>
        network.open({
          ...handlers,
          addresses,
          ...(tcp && { tcpAddresses: addresses }),
          ...(createPlane && { createPlane }),
        }),
    });
    return new SimulatedCall(sfu, { time, network, clock, seed });
  }

  /** Joins and lets time pass until the data channel is open. Rejects if that takes a minute. */
  async join(sessionID: string, options: Partial<JoinOptions> = {}): Promise<Participant> {
    const joining = joinCall(this.sfu, {
      clock: this.clock,
      random: this.#random,
      certificate: this.certificate,
      openIo: this.newAddress(),
      ...options,
      sessionID,
    });
    return this.passUntil(joining, JOIN_LIMIT_MS);
  }

  /** Opens sockets at an unused address, for a participant that joins or moves. They are of UDP by default. */
  newAddress({ udp = true, tcp = false } = {}): OpenParticipantIo {
    const number = ++this.#addresses;
    const here = [{ address: `198.18.${number >> 8}.${number & 0xff}`, port: 0 }];
    return async (handlers) =>
      this.network.open({ ...handlers, addresses: udp ? here : [], tcpAddresses: tcp ? here : [] });
  }

  /** Lets time pass until a promise settles. */
  async passUntil<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    const endMs = this.time.nowMs + limitMs;
    await turn();
    while (!settled) {
      if (this.time.nowMs >= endMs) throw new Error(`the promise did not settle within ${limitMs} ms of virtual time`);
      this.time.runFor(5);
      await turn();
    }
    return promise;
  }

  /** Everybody speaks for a while, one packet each in 20 ms. */
  speak(participants: readonly Participant[], durationMs: number, level?: (packet: number) => number): void {
    for (let packet = 0; packet < durationMs / 20; packet++) {
      for (const participant of participants) participant.sendVoice(level?.(packet));
      this.time.runFor(20);
    }
  }

  /** Ends the SFU and all of its sessions. */
  async close(): Promise<void> {
    await this.sfu.close();
  }
}

/** Lets promises that are due be settled: one turn of the real event loop. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
