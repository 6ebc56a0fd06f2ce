import type { RtcdClient } from '@rtcd/client';
import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  decodeIceCandidate,
  decodeSessionDescription,
  encodeDataChannelMessage,
  encodeSessionDescription,
  type MediaMap,
  newID,
  type RtcMessage,
  RtcMessageType,
  type SessionDescription,
} from '@rtcd/protocol';
import type { BrowserContext, Page } from 'playwright-core';
import { until } from './until.ts';

/** State that the page keeps for this driver. */
interface PeerWindow {
  peer: RTCPeerConnection;
  channel: RTCDataChannel;
  received(base64: string): void;
}

/** Any origin that browsers trust with a microphone; the route answers, so nothing has to listen there. */
const address = 'http://127.0.0.1/data-channel-peer';

/**
 * A browser's peer connection whose signaling runs over the data channel (`dcSignaling`), driven from here so that the
 * codec under test is the published one: the page itself only carries bytes.
 */
export class DataChannelPeer {
  readonly page: Page;
  readonly sessionID = newID();
  /** The last map that rtcd sent. */
  mediaMap: MediaMap = {};
  readonly #client: RtcdClient;
  readonly #callID: string;
  readonly #userID = newID();
  readonly #inbox: DataChannelMessage[] = [];
  /** Candidates may come before the answer, and are of no use until then. */
  readonly #answered = Promise.withResolvers<void>();

  private constructor(page: Page, client: RtcdClient, callID: string) {
    this.page = page;
    this.#client = client;
    this.#callID = callID;
  }

  /** Joins, without a track or with the microphone in front of the data channel, and resolves once that is open. */
  static async join(
    context: BrowserContext,
    client: RtcdClient,
    callID: string,
    { microphoneFirst = false } = {},
  ): Promise<DataChannelPeer> {
    const page = await context.newPage();
    await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' }));
    await page.goto(address);
    const joining = new DataChannelPeer(page, client, callID);
    await joining.#connect(microphoneFirst);
    return joining;
  }

  send(message: DataChannelMessage): Promise<void> {
    const bytes = [...encodeDataChannelMessage(message)];
    return this.page.evaluate((values) => {
      (window as unknown as PeerWindow).channel.send(new Uint8Array(values));
    }, bytes);
  }

  /** Resolves with the next message of this type, and takes it out of the inbox. */
  async next<T extends DataChannelMessage['type']>(type: T): Promise<Extract<DataChannelMessage, { type: T }>> {
    const found = await until(
      `a ${type} message`,
      async () => this.#inbox.findIndex((message) => message.type === type),
      (index) => index >= 0,
    );
    return this.#inbox.splice(found, 1)[0] as Extract<DataChannelMessage, { type: T }>;
  }

  /** Sends the microphone. */
  publish(): Promise<void> {
    return this.#negotiate(async () => {
      const { peer } = window as unknown as PeerWindow;
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) peer.addTrack(track, stream);
    });
  }

  /**
   * Stops the transceivers that send, which rejects their sections. The offer goes by the client: Chromium gives the transport of a section up when it
   * makes the offer that stops it, and has another one only after the answer.
   */
  async stopSending(): Promise<void> {
    const sdp = await this.page.evaluate(async () => {
      const { peer } = window as unknown as PeerWindow;
      for (const transceiver of peer.getTransceivers()) if (transceiver.sender.track) transceiver.stop();
      await peer.setLocalDescription();
      return peer.localDescription?.sdp ?? '';
    });
    this.#sendSignal(RtcMessageType.SDP, encodeSessionDescription({ type: 'offer', sdp }));
    await this.page.waitForFunction(() => (window as unknown as PeerWindow).peer.connectionState === 'connected');
  }

  /** Takes the lock, makes a change, offers it over the data channel, and lets go of the lock. */
  async #negotiate(change: () => Promise<void>): Promise<void> {
    await this.#lock();
    await this.page.evaluate(change);
    const offer = await this.page.evaluate(async () => {
      const { peer } = window as unknown as PeerWindow;
      await peer.setLocalDescription();
      return peer.localDescription?.sdp ?? '';
    });
    await this.send({ type: 'sdp', description: { type: 'offer', sdp: offer } });
    const { description } = await this.next('sdp');
    await this.#setRemoteDescription(description);
    await this.send({ type: 'unlock' });
  }

  async leave(): Promise<void> {
    this.#client.leave(this.sessionID);
    await this.page.close();
  }

  /** Asks until it is granted: rtcd may be offering just now. */
  async #lock(): Promise<void> {
    await until(
      'the signaling lock is granted',
      async () => {
        await this.send({ type: 'lock' });
        return (await this.next('lock')).granted;
      },
      (granted) => granted === true,
    );
  }

  async #connect(microphoneFirst: boolean): Promise<void> {
    const { page } = this;
    this.#client.on('rtc', (message) => void this.#receiveSignal(message));
    await page.exposeFunction('received', (base64: string) => this.#receive(Buffer.from(base64, 'base64')));
    this.#client.join({
      callID: this.#callID,
      userID: this.#userID,
      sessionID: this.sessionID,
      channelID: newID(),
      av1Support: false,
      dcSignaling: true,
    });
    const sdp = await page.evaluate(async (withMicrophone) => {
      const peer = new RTCPeerConnection();
      const stream = withMicrophone ? await navigator.mediaDevices.getUserMedia({ audio: true }) : undefined;
      for (const track of stream?.getTracks() ?? []) peer.addTrack(track, stream!);
      const channel = peer.createDataChannel('calls-dc');
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({ data }) => {
        const bytes = new Uint8Array(data);
        (window as unknown as PeerWindow).received(btoa(String.fromCharCode(...bytes)));
      };
      peer.ontrack = ({ streams: [stream] }) => {
        const player = new Audio();
        player.autoplay = true;
        player.srcObject = stream ?? null;
        document.body.append(player);
      };
      Object.assign(window, { peer, channel });
      await peer.setLocalDescription();
      return peer.localDescription?.sdp ?? '';
    }, microphoneFirst);
    this.#sendSignal(RtcMessageType.SDP, encodeSessionDescription({ type: 'offer', sdp }));
    await page.waitForFunction(() => (window as unknown as PeerWindow).channel.readyState === 'open');
  }

  #sendSignal(type: RtcMessageType, data: Uint8Array): void {
    const { sessionID } = this;
    this.#client.sendRtc({ groupID: '', callID: this.#callID, userID: this.#userID, sessionID, type, data });
  }

  async #receiveSignal({ sessionID, type, data }: RtcMessage): Promise<void> {
    if (sessionID !== this.sessionID) return;
    if (type === RtcMessageType.SDP) {
      await this.#setRemoteDescription(decodeSessionDescription(data));
      this.#answered.resolve();
    }
    if (type !== RtcMessageType.ICE) return;
    await this.#answered.promise;
    await this.page.evaluate(
      (candidate) => (window as unknown as PeerWindow).peer.addIceCandidate(candidate),
      decodeIceCandidate(data),
    );
  }

  async #receive(bytes: Uint8Array): Promise<void> {
    const message = decodeDataChannelMessage(bytes);
    if (message.type === 'mediaMap') this.mediaMap = message.map;
    if (message.type === 'sdp' && message.description.type === 'offer') await this.#answer(message.description);
    else this.#inbox.push(message);
  }

  async #answer(offer: SessionDescription): Promise<void> {
    await this.#setRemoteDescription(offer);
    const sdp = await this.page.evaluate(async () => {
      const { peer } = window as unknown as PeerWindow;
      await peer.setLocalDescription();
      return peer.localDescription?.sdp ?? '';
    });
    await this.send({ type: 'sdp', description: { type: 'answer', sdp } });
  }

  #setRemoteDescription(description: SessionDescription): Promise<void> {
    return this.page.evaluate(
      (remote) => (window as unknown as PeerWindow).peer.setRemoteDescription(remote),
      description,
    );
  }
}
