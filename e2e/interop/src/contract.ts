import type { IceServer } from '../../src/network/ice-servers.ts';

/** Commands to a peer program, one JSON object per line, each with the `peer` that it is for. See ../README.md. */
export type Command =
  | { readonly do: 'start'; readonly certificate: 'ecdsa' | 'rsa'; readonly iceServers?: readonly IceServer[] }
  | { readonly do: 'signal'; readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly do: 'candidate'; readonly candidate: Candidate }
  | { readonly do: 'dc'; readonly data: string }
  | {
      readonly do: 'publish';
      readonly track: string;
      readonly streamId: string;
      readonly hz: number;
      readonly frames: readonly string[];
    }
  | {
      readonly do: 'publishVideo';
      readonly track: string;
      readonly streamId: string;
      readonly width: number;
      readonly height: number;
      readonly frames: readonly string[];
      readonly isNoise?: boolean;
    }
  | { readonly do: 'unpublish' | 'mute' | 'unmute'; readonly track: string }
  | { readonly do: 'restartIce' | 'selectedPair' | 'close' };

/** RTCIceCandidateInit, as far as peers write it. */
export interface Candidate {
  readonly candidate: string;
  readonly sdpMid?: string | null | undefined;
  readonly sdpMLineIndex?: number | null | undefined;
  readonly usernameFragment?: string | null | undefined;
}

/** The candidates between which media goes, as far as `getStats` tells. */
export interface SelectedPair {
  readonly local: { readonly candidateType: string };
  readonly remote: {
    readonly candidateType: string;
    readonly protocol: string;
    readonly address: string;
    readonly port: number;
  };
}

/** Events of a peer program, one JSON object per line, each with the `peer` that it is about. */
export type PeerEvent =
  | { readonly event: 'signal'; readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly event: 'candidate'; readonly candidate: Candidate }
  | { readonly event: 'state'; readonly state: string }
  | { readonly event: 'channel'; readonly state: 'open' | 'closed' }
  | { readonly event: 'dc'; readonly data: string }
  | { readonly event: 'published'; readonly track: string; readonly streamId: string }
  | { readonly event: 'track'; readonly mid: string; readonly trackId: string; readonly streamId: string }
  | { readonly event: 'ended'; readonly mid: string }
  | { readonly event: 'heard'; readonly mid: string; readonly payload: string }
  | { readonly event: 'heard'; readonly mid: string; readonly hz: number }
  | { readonly event: 'seen'; readonly mid: string; readonly payload: string; readonly marker: boolean }
  | { readonly event: 'seen'; readonly mid: string; readonly width: number; readonly pictures: number }
  | ({ readonly event: 'selectedPair' } & SelectedPair)
  | { readonly event: 'error'; readonly message: string };
