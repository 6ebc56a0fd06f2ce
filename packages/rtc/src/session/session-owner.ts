import type { PacketIo, PathId } from '@rtcd/packet-io';
import type { RtcMessage } from '@rtcd/protocol';
import type { DtlsCertificate } from '../dtls/crypto/certificate.ts';
import type { Candidate } from '../ice/candidate.ts';
import type { CaptureTap } from '../inspect/capture-tap.ts';
import type { FanOut } from '../media/send/fan-out.ts';
import type { DescriptionTurns } from '../messages/description-turns.ts';
import type { Clock, Logger, Random, RtcMetrics } from '../ports.ts';
import type { Relays } from '../transport/relays.ts';

/** State that the sessions of an SFU share. */
export interface SessionEnvironment {
  readonly io: PacketIo;
  /** Tap for packets to peers on their way to `io`. */
  readonly tap: CaptureTap;
  readonly fanOut: FanOut;
  readonly certificate: DtlsCertificate;
  readonly candidates: readonly Candidate[];
  /** Relays of ours, which let only those peers through that are known to them. */
  readonly relays: Pick<Relays, 'permit'>;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RtcMetrics;
  /** Packets of each video encoding that are kept to be sent again: a power of two. */
  readonly nackBufferSize: number;
  readonly descriptionTurns: DescriptionTurns;
}

/** The owner of a `Session`. */
export interface SessionOwner {
  /** To the client, which passes it on to the peer or to its own users. */
  send(message: RtcMessage): void;
  /** Connectivity checks that name this ufrag are for the session, until it is retired. */
  onUfrag(ufrag: string): void;
  onUfragRetired(ufrag: string): void;
  /** The response to this STUN request is for the session, until the request is over. */
  onRequest(transactionId: Uint8Array): void;
  onRequestOver(transactionId: Uint8Array): void;
  /** Datagrams from this address are for the session if they are for no other one, until it is forgotten. */
  onPath(path: PathId): void;
  /** Datagrams from this address are for the session: its peer proved that it is there. */
  onPathProven(path: PathId): void;
  onPathForgotten(path: PathId): void;
  /** `deadline` may have come closer. */
  onDeadline(): void;
  /** Does it so that a bug of ours ends this session and nothing else. */
  contain(work: () => void): void;
  /** The session cannot continue: its owner closes it. */
  onFailed(reason: string): void;
}
