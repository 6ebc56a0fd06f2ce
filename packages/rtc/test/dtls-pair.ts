import { createDtlsCertificate } from '../src/dtls/crypto/certificate.ts';
import type { DtlsCloseReason, DtlsSrtpKeys } from '../src/dtls/dtls-owner.ts';
import { DtlsServer, type DtlsServerOptions } from '../src/dtls/handshake/server.ts';
import { DtlsClient, type DtlsClientOptions } from '../src/peer/dtls-client.ts';
import { SimulatedLink, type SimulatedLinkOptions } from '../src/testing/simulated-link.ts';
import { VirtualTime } from '../src/testing/virtual-time.ts';

export const serverCertificate = createDtlsCertificate();
export const clientCertificate = createDtlsCertificate();

/** Events that one side has reported through its owner. */
export interface Reported {
  readonly keys: DtlsSrtpKeys[];
  readonly data: Buffer[];
  readonly closed: DtlsCloseReason[];
}

export interface DtlsPair {
  readonly time: VirtualTime;
  readonly link: SimulatedLink;
  readonly client: DtlsClient;
  readonly server: DtlsServer;
  readonly atClient: Reported;
  readonly atServer: Reported;
  /** Every datagram that the client has sent, in its order. */
  readonly fromClient: Buffer[];
  readonly fromServer: Buffer[];
  /** Starts the client and lets time pass until both are connected. False if that took longer than the limit. */
  connect(limitMs?: number): boolean;
}

export interface DtlsPairOptions {
  readonly link?: Partial<SimulatedLinkOptions>;
  readonly client?: Partial<DtlsClientOptions>;
  readonly server?: Partial<DtlsServerOptions>;
}

/** A client and a server at the two ends of a simulated link; the client at `a`. */
export function createDtlsPair(options: DtlsPairOptions = {}): DtlsPair {
  const time = new VirtualTime();
  const link = new SimulatedLink(time, { seed: 1, delayMs: 10, ...options.link });
  const atClient: Reported = { keys: [], data: [], closed: [] };
  const atServer: Reported = { keys: [], data: [], closed: [] };
  const fromClient: Buffer[] = [];
  const fromServer: Buffer[] = [];
  const client = new DtlsClient(
    {
      certificate: clientCertificate,
      remoteFingerprint: { algorithm: 'sha-256', value: serverCertificate.fingerprint },
      ...options.client,
    },
    owner(atClient, fromClient, link.a.send),
  );
  const server = new DtlsServer(
    {
      certificate: serverCertificate,
      remoteFingerprint: { algorithm: 'sha-256', value: clientCertificate.fingerprint },
      ...options.server,
    },
    owner(atServer, fromServer, link.b.send),
  );
  link.a.onDatagram = (datagram, nowMs) => client.receive(datagram, nowMs);
  link.b.onDatagram = (datagram, nowMs) => server.receive(datagram, nowMs);
  time.attach(client);
  time.attach(server);
  const connect = (limitMs = 30_000) => {
    client.start(time.nowMs);
    return time.runWhile(() => client.phase !== 'connected' || server.phase !== 'connected', time.nowMs + limitMs);
  };
  return { time, link, client, server, atClient, atServer, fromClient, fromServer, connect };
}

function owner(reported: Reported, sent: Buffer[], send: (datagram: Uint8Array) => void) {
  return {
    transmit(datagram: Uint8Array) {
      sent.push(Buffer.from(datagram));
      send(datagram);
    },
    onConnected: (keys: DtlsSrtpKeys) => void reported.keys.push(keys),
    onData: (bytes: Uint8Array) => void reported.data.push(Buffer.from(bytes)),
    onClosed: (reason: DtlsCloseReason) => void reported.closed.push(reason),
  };
}
