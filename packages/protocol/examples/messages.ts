import {
  decodeClientMessage,
  decodeSessionDescription,
  encodeClientMessage,
  encodeSessionDescription,
  newID,
  ProtocolError,
  RtcMessageType,
} from '@rtcd/protocol';

// A client tells rtcd what a browser offered ...
const bytes = encodeClientMessage({
  type: 'rtc',
  data: {
    groupID: 'my-installation',
    callID: newID(),
    userID: newID(),
    sessionID: newID(),
    type: RtcMessageType.SDP,
    data: encodeSessionDescription({ type: 'offer', sdp: 'v=0\r\n' }),
  },
});

// ... and rtcd reads it. Whatever the bytes are, it gets a message or a ProtocolError.
const message = decodeClientMessage(bytes);
if (message.type === 'rtc' && message.data.type === RtcMessageType.SDP) {
  console.log('got an', decodeSessionDescription(message.data.data).type);
}

try {
  decodeClientMessage(Uint8Array.of(0xc1));
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.log('rejected:', error.code);
}
