/** State that `keepPeers` leaves in a page. */
export interface KeptPeers {
  readonly peers: RTCPeerConnection[];
  /** Stream IDs of the tracks that were announced and have not ended, one for each `track` event: what the web client of Calls plays. */
  readonly announced: string[];
}

/** Keeps a page's peer connections, and the tracks that they announce, where tests find them. Runs before the page's own scripts. */
export function keepPeers(): void {
  const peers: RTCPeerConnection[] = [];
  const announced: string[] = [];
  Object.assign(window, { peers, announced });
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
      this.addEventListener('track', ({ track, streams: [stream] }) => {
        const id = stream?.id ?? '';
        announced.push(id);
        track.addEventListener('ended', () => announced.splice(announced.indexOf(id), 1), { once: true });
      });
    }
  };
}
