import type { PublishedTrack } from './published-track.ts';

/** A member of a call, as far as it decides which tracks it is sent. */
export interface Receiver {
  readonly sessionID: string;
  /** As announced by its client when it joined. */
  readonly av1Support: boolean;
  /** Returns false for a track whose codec its peer refused. */
  canDecode(track: PublishedTrack): boolean;
}

export interface TrackSelection {
  /** All tracks that the receiver should be sent. */
  readonly wanted: readonly PublishedTrack[];
  /** Tracks of others that it misses, since it can decode them in no codec in which they are sent. */
  readonly undecodable: readonly PublishedTrack[];
}

/**
 * Decides which tracks of a call one of its sessions should be sent; nothing else does. A sender may send one video in two codecs: then a
 * receiver gets one of them, AV1 if both joined with support for it.
 */
export function selectTracks(
  published: Iterable<PublishedTrack>,
  receiver: Receiver,
  hasAv1Support: (senderID: string) => boolean,
): TrackSelection {
  const wanted: PublishedTrack[] = [];
  const undecodable: PublishedTrack[] = [];
  const videos = new Map<string, PublishedTrack[]>();
  for (const track of published) {
    if (track.senderID === receiver.sessionID) continue;
    if (track.kind === 'audio') {
      wanted.push(track);
      continue;
    }
    const key = `${track.senderID} ${track.type}`;
    const known = videos.get(key);
    if (known) known.push(track);
    else videos.set(key, [track]);
  }
  for (const codecs of videos.values()) {
    const prefersAv1 = receiver.av1Support && hasAv1Support(codecs[0]!.senderID);
    const decodable = codecs.filter((track) => (receiver.av1Support || !isAv1(track)) && receiver.canDecode(track));
    const track = decodable.find((it) => isAv1(it) === prefersAv1) ?? decodable[0];
    if (track) wanted.push(track);
    else undecodable.push(codecs[0]!);
  }
  return { wanted, undecodable };
}

const isAv1 = ({ mimeType }: PublishedTrack): boolean => mimeType.toLowerCase() === 'video/av1';
