import type { BrowserMessage, ServerMessage } from '../messages.ts';

/** The page's connection to the demo server. */
export interface Socket {
  send(message: BrowserMessage): void;
  /** After this `onClose` is not called any more. */
  close(): void;
}

export interface SocketOwner {
  onMessage(message: ServerMessage): void;
  /** The connection is lost. */
  onClose(): void;
}

/** Opens the WebSocket; rejects if the server cannot be reached. */
export function openSocket(owner: SocketOwner): Promise<Socket> {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const webSocket = new WebSocket(url);
  let closed = false;
  const socket: Socket = {
    send: (message) => {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(JSON.stringify(message));
    },
    close: () => {
      closed = true;
      webSocket.close();
    },
  };
  return new Promise((resolve, reject) => {
    let opened = false;
    webSocket.onopen = () => {
      opened = true;
      resolve(socket);
    };
    webSocket.onmessage = ({ data }) => {
      if (!closed) owner.onMessage(JSON.parse(String(data)) as ServerMessage);
    };
    webSocket.onclose = () => {
      if (!opened) reject(new Error('Cannot reach the server. Is it still running?'));
      else if (!closed) owner.onClose();
      closed = true;
    };
  });
}
