import { type RtcMessage, RtcMessageType } from '@rtcd/protocol';
import type { Announcements } from '../call/announcements.ts';
import type { Call } from '../call/call.ts';
import { RtcError } from '../errors.ts';
import type { SessionMedia } from '../media/session-media.ts';
import type { MessageAdmission } from '../messages/admission.ts';
import type { DescriptionTurns } from '../messages/description-turns.ts';
import { receiveClientMessage } from '../messages/from-client.ts';
import type { PeerTransport } from '../transport/peer-transport.ts';
import type { ConnectionProgress } from './connection-progress.ts';
import type { DescriptionExchange } from './description-exchange.ts';

export interface ClientMessagesParts {
  readonly sessionID: string;
  readonly call: Pick<Call, 'shareScreen' | 'unshareScreen'>;
  readonly announcements: Announcements;
  readonly admission: MessageAdmission;
  readonly descriptionTurns: Pick<DescriptionTurns, 'take'>;
  readonly exchange: DescriptionExchange;
  readonly media: SessionMedia;
  readonly progress: ConnectionProgress;
  readonly transport: Pick<PeerTransport, 'addRemoteCandidate'>;
}

/** Effect of the client's messages on one session. */
export class ClientMessages {
  readonly #parts: ClientMessagesParts;

  constructor(parts: ClientMessagesParts) {
    this.#parts = parts;
  }

  /** Throws `RtcError` if the client or the peer behind it did wrong. */
  receive(message: RtcMessage, nowMs: number): void {
    try {
      this.#dispatch(message, nowMs);
    } catch (error) {
      if (error instanceof RtcError) {
        this.#parts.admission.refuse(error.message, nowMs);
        if (message.type === RtcMessageType.SDP) this.#parts.progress.onRefusedDescription(error.message);
      }
      throw error;
    }
  }

  #dispatch(message: RtcMessage, nowMs: number): void {
    const { sessionID, call, announcements, exchange, media, transport } = this.#parts;
    if (message.type === RtcMessageType.SDP) this.#admitDescription(message.data.length, nowMs);
    receiveClientMessage(message, {
      onDescription: (description) => exchange.receive(description, 'client', nowMs),
      onCandidate: (candidate) => transport.addRemoteCandidate(candidate),
      onMute: (muted) => media.setMuted(muted),
      onScreenOn: (streamId) => {
        // Even a screen that is refused is one: its sound is no voice.
        announcements.add(streamId, 'screen');
        try {
          call.shareScreen(sessionID, streamId);
        } finally {
          media.announcementsChanged(nowMs);
        }
      },
      onScreenOff: () => {
        call.unshareScreen(sessionID);
        media.announcementsChanged(nowMs);
      },
      onVideoOn: (streamId) => {
        announcements.add(streamId, 'video');
        media.announcementsChanged(nowMs);
      },
    });
  }

  #admitDescription(sizeBytes: number, nowMs: number): void {
    const { admission, descriptionTurns } = this.#parts;
    if (!admission.admit(nowMs)) throw new RtcError('too_many_messages', 'too many negotiations by the peer');
    admission.chargeDescription(sizeBytes);
    descriptionTurns.take();
  }
}
