import type { KeptPeers } from './kept-peers.ts';

/** Keeps a page's peer connections from rtcd's UDP candidates, as a network does that lets no UDP out. Runs before the page's own scripts. */
export function blockUdp(): void {
  const prototype: Pick<RTCPeerConnection, 'setRemoteDescription' | 'addIceCandidate'> = RTCPeerConnection.prototype;
  const { setRemoteDescription, addIceCandidate } = prototype;
  prototype.setRemoteDescription = function ({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    const reachable = sdp.replaceAll(/^a=candidate:\S+ \d+ udp .*\r\n/gim, '');
    return Reflect.apply(setRemoteDescription, this, [{ type, sdp: reachable }]);
  };
  prototype.addIceCandidate = async function (candidate?: RTCIceCandidateInit | null): Promise<void> {
    if (!/ udp /i.test(candidate?.candidate ?? '')) await Reflect.apply(addIceCandidate, this, [candidate]);
  };
}

/** Protocol of the candidate pair that the page's newest peer connection uses. Runs in the page. */
export async function protocolInUse(): Promise<string | undefined> {
  const { peers } = window as unknown as KeptPeers;
  const stats = [...((await peers.at(-1)?.getStats()) ?? new Map()).values()];
  const pair = stats.find(
    ({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded',
  );
  return stats.find(({ id }) => id === pair?.remoteCandidateId)?.protocol;
}
