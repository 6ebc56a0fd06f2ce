import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SessionDescription } from '@rtcd/protocol';
import type { Bottleneck } from './bottleneck.ts';
import { DelayLine } from './delay-line.ts';

const HOST = '127.0.0.1';
/** Length of the loss pattern: of ten datagrams of the DTLS handshake each way, one is lost. */
const LOSS_PERIOD = 10;
/** Content types of the handshake: change_cipher_spec, alert, handshake (RFC 5246 section 6.2.1). */
const FIRST_HANDSHAKE_TYPE = 20;
const LAST_HANDSHAKE_TYPE = 22;
/** `a=candidate:<foundation> <component> <transport> <priority> <address> <port>` (RFC 8839 5.1). */
const CANDIDATE = /^(?:a=)?candidate:(\S+ \d+) (\S+) (\d+) (\S+) (\d+)/i;

export interface UdpPathOptions {
  /** Index of the datagram that is lost of each ten of the DTLS handshake (0 to 9); without it none is. */
  readonly lostHandshakeDatagram?: number;
  /** Limits what goes to the peer. */
  readonly down?: Bottleneck;
}

/** A datagram on its way to the peer. */
interface Delivery {
  readonly datagram: Buffer;
  readonly peer: RemoteInfo;
}

/** A NAT between one peer and rtcd: each source address of the peer has a port of its own towards rtcd. */
export class UdpPath {
  readonly #near: Socket;
  readonly #options: UdpPathOptions;
  /** By the peer's address and port. */
  readonly #far = new Map<string, Socket>();
  readonly #line = new DelayLine<Delivery>(({ datagram, peer }) => this.#near.send(datagram, peer.port, peer.address));
  #rtcdPort = 0;
  #handshakeUp = 0;
  #handshakeDown = 0;
  /** Nothing passes in either direction. */
  isCut = false;
  /** Datagrams of the handshake that were dropped. */
  lost = 0;

  private constructor(near: Socket, options: UdpPathOptions) {
    this.#near = near;
    this.#options = options;
    near.on('message', (datagram, peer) => this.#fromPeer(datagram, peer));
  }

  static async open(options: UdpPathOptions = {}): Promise<UdpPath> {
    const near = createSocket('udp4').bind(0, HOST);
    await once(near, 'listening');
    return new UdpPath(near, options);
  }

  /** Makes a description of rtcd lead through this path: its UDP candidates get this path's port, the others go. */
  redirect({ type, sdp }: SessionDescription): SessionDescription {
    const lines = sdp.split('\r\n').flatMap((line) => (CANDIDATE.test(line) ? this.redirectCandidate(line) : [line]));
    return { type, sdp: lines.join('\r\n') };
  }

  /** The same for one candidate line. Returns none for one that is not UDP. */
  redirectCandidate(line: string): readonly string[] {
    const [, , transport, , , port] = CANDIDATE.exec(line) ?? [];
    if (transport?.toLowerCase() !== 'udp') return [];
    this.#rtcdPort = Number(port);
    return [line.replace(` ${port} typ`, ` ${this.#near.address().port} typ`)];
  }

  /** Takes other ports towards rtcd, as a NAT that was restarted. */
  rebind(): void {
    for (const socket of this.#far.values()) socket.close();
    this.#far.clear();
  }

  close(): void {
    this.rebind();
    this.#line.close();
    this.#near.close();
  }

  #fromPeer(datagram: Buffer, peer: RemoteInfo): void {
    if (this.isCut) return;
    if (isHandshake(datagram) && this.#isLost(this.#handshakeUp++)) return;
    this.#farSocket(peer).send(datagram, this.#rtcdPort, HOST);
  }

  #farSocket(peer: RemoteInfo): Socket {
    const key = `${peer.address}:${peer.port}`;
    const known = this.#far.get(key);
    if (known !== undefined) return known;
    const socket = createSocket('udp4');
    socket.on('message', (datagram) => {
      if (isHandshake(datagram) && this.#isLost(this.#handshakeDown++)) return;
      this.#toPeer(datagram, peer);
    });
    this.#far.set(key, socket);
    return socket;
  }

  #toPeer(datagram: Buffer, peer: RemoteInfo): void {
    if (this.isCut) return;
    const nowMs = performance.now();
    const { down } = this.#options;
    const arrivalMs = down ? down.arrivalMs(datagram.length, nowMs) : nowMs;
    if (arrivalMs !== undefined) this.#line.push({ datagram, peer }, arrivalMs);
  }

  #isLost(index: number): boolean {
    const isLost = index % LOSS_PERIOD === this.#options.lostHandshakeDatagram;
    if (isLost) this.lost++;
    return isLost;
  }
}

function isHandshake(datagram: Buffer): boolean {
  const first = datagram[0] ?? 0;
  return first >= FIRST_HANDSHAKE_TYPE && first <= LAST_HANDSHAKE_TYPE;
}
