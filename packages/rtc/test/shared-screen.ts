import { encodeScreenOn, RtcMessageType } from '@rtcd/protocol';
import type {
  JoinOptions,
  Participant,
  SentVideo,
  SimulatedCall,
  VideoCodecName,
  VideoEncodingOptions,
} from '../src/testing/index.ts';

export interface SharedScreen extends SentVideo {
  readonly sender: Participant;
}

/** A participant named sender, without a voice, joins and shares its screen: in one encoding, or in one for each of the rids. */
export async function shareScreen(
  call: SimulatedCall,
  encodings: readonly VideoEncodingOptions[] = [{}],
  {
    rids = [],
    codecs = ['VP8'],
    ...options
  }: Partial<JoinOptions> & { rids?: readonly string[]; codecs?: readonly VideoCodecName[] } = {},
): Promise<SharedScreen> {
  const sender = await call.join('sender', { voice: false, ...options });
  const track = sender.publishVideo({ codecs, rids });
  const data = encodeScreenOn({ screenStreamID: track.streamId });
  const type = RtcMessageType.ScreenOn;
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender', type, data });
  call.time.runFor(500);
  return { sender, ...sender.sendVideo(track, ...encodings) };
}
