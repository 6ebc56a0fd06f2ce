import { RTCPeerConnection } from 'werift';
import { serve } from './server-process.ts';

type Request =
  | { readonly type: 'offer'; readonly id: string; readonly sdp: string }
  | { readonly type: 'leave'; readonly id: string };

const connections = new Map<string, RTCPeerConnection>();
serve(async (request: Request) => {
  if (request.type === 'leave') {
    await connections.get(request.id)?.close();
    connections.delete(request.id);
    return;
  }
  const connection = new RTCPeerConnection({ iceServers: [] });
  connections.set(request.id, connection);
  await connection.setRemoteDescription({ type: 'offer', sdp: request.sdp });
  await connection.setLocalDescription(await connection.createAnswer());
  process.send?.({ type: 'answer', id: request.id, sdp: connection.localDescription?.sdp });
});
