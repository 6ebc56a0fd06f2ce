import {
  decodeIceCandidate,
  decodeScreenOn,
  decodeSessionDescription,
  decodeVideoOn,
  ProtocolError,
  type RtcMessage,
  RtcMessageType,
  type SessionDescription,
} from '@rtcd/protocol';
import { RtcError } from '../errors.ts';
import { type Candidate, parseCandidate } from '../ice/candidate.ts';

export interface ClientMessageHandlers {
  onDescription(description: SessionDescription): void;
  onCandidate(candidate: Candidate): void;
  onMute(muted: boolean): void;
  onScreenOn(streamId: string): void;
  onScreenOff(): void;
  onVideoOn(streamId: string): void;
}

/** Parses a client's message about one session (the contract's section 3). Throws `RtcError` `invalid_message` if it is unreadable. */
export function receiveClientMessage(message: RtcMessage, handlers: ClientMessageHandlers): void {
  switch (message.type) {
    case RtcMessageType.SDP:
      return handlers.onDescription(decode(decodeSessionDescription, message.data));
    case RtcMessageType.Mute:
      return handlers.onMute(true);
    case RtcMessageType.Unmute:
      return handlers.onMute(false);
    case RtcMessageType.ScreenOn:
      return handlers.onScreenOn(decode(decodeScreenOn, message.data).screenStreamID);
    case RtcMessageType.ScreenOff:
      return handlers.onScreenOff();
    case RtcMessageType.VideoOn:
      return handlers.onVideoOn(decode(decodeVideoOn, message.data).videoStreamID);
    case RtcMessageType.ICE:
      return receiveCandidate(message.data, handlers);
    case RtcMessageType.VideoOff: // The peer sends nothing until the next VideoOn. Its track stays.
      return;
    case RtcMessageType.VoiceOn:
    case RtcMessageType.VoiceOff:
      throw new RtcError('invalid_message', `message type ${message.type} is for the client, not from it`);
    default:
      return message.type satisfies never;
  }
}

/** One that cannot be read is ignored: a lite agent learns the peer's addresses from its checks (RFC 8445 section 2.5). */
function receiveCandidate(data: Uint8Array, handlers: ClientMessageHandlers): void {
  try {
    const candidate = parseCandidate(decodeIceCandidate(data).candidate);
    if (candidate) handlers.onCandidate(candidate);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

function decode<T>(decoder: (data: Uint8Array) => T, data: Uint8Array): T {
  try {
    return decoder(data);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new RtcError('invalid_message', cause.message, { cause });
  }
}
