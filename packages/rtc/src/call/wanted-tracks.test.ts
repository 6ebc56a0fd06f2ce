import { describe, expect, it } from 'vitest';
import type { PublishedTrack } from './published-track.ts';
import { type Receiver, selectTracks } from './wanted-tracks.ts';

const track = (senderID: string, type: PublishedTrack['type'], codec: string): PublishedTrack => ({
  id: `${type} of ${senderID} as ${codec}`,
  kind: type === 'screen' || type === 'video' ? 'video' : 'audio',
  type,
  senderID,
  mimeType: `video/${codec}`,
  clockRate: 90_000,
  levels: [],
  attach() {},
  detach() {},
});

const receiver = (av1Support: boolean, refused = 'none'): Receiver => ({
  sessionID: 'me',
  av1Support,
  canDecode: ({ mimeType }) => mimeType !== `video/${refused}`,
});

const VP8 = track('s', 'screen', 'VP8');
const AV1 = track('s', 'screen', 'AV1');
const H264 = track('s', 'screen', 'H264');

function select(tracks: readonly PublishedTrack[], to: Receiver, senderHasAv1 = true) {
  const { wanted, undecodable } = selectTracks(tracks, to, () => senderHasAv1);
  return { wanted: wanted.map(({ id }) => id), undecodable: undecodable.map(({ id }) => id) };
}

describe('selectTracks', () => {
  it.each([
    ['AV1 where both support it', [VP8, AV1], receiver(true), true, [AV1]],
    ['VP8 where the receiver does not support AV1', [VP8, AV1], receiver(false), true, [VP8]],
    ['VP8 where the sender does not support AV1', [AV1, VP8], receiver(true), false, [VP8]],
    ['VP8 where it is all there is', [VP8], receiver(true), true, [VP8]],
    ['VP8 where the peer refused AV1', [VP8, AV1], receiver(true, 'AV1'), true, [VP8]],
    ['AV1 where the peer refused VP8', [VP8, AV1], receiver(true, 'VP8'), false, [AV1]],
    ['H264 where it is all there is', [H264], receiver(false), false, [H264]],
  ] as const)('takes %s', (_, tracks, to, senderHasAv1, wanted) => {
    expect(select(tracks, to, senderHasAv1)).toEqual({ wanted: wanted.map(({ id }) => id), undecodable: [] });
  });

  it.each([
    ['AV1 alone, without support', [AV1], receiver(false)],
    ['H264 alone, refused', [H264], receiver(true, 'H264')],
  ] as const)('selects nothing, and reports it: %s', (_, tracks, to) => {
    expect(select(tracks, to)).toEqual({ wanted: [], undecodable: tracks.map(({ id }) => id) });
  });

  it('selects a screen and a camera of one sender with their sounds, but no tracks of its own', () => {
    const tracks = [
      AV1,
      track('s', 'voice', 'opus'),
      VP8,
      track('s', 'screen-audio', 'opus'),
      track('s', 'video', 'VP8'),
      track('me', 'screen', 'VP8'),
      track('t', 'video', 'VP8'),
    ];
    expect(select(tracks, receiver(true)).wanted.toSorted()).toEqual([
      'screen of s as AV1',
      'screen-audio of s as opus',
      'video of s as VP8',
      'video of t as VP8',
      'voice of s as opus',
    ]);
  });
});
