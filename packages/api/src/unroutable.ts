import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@rtcd/boundary';
import { NOT_FOUND_TEXT, TEXT_HEADERS } from './responses.ts';

/** Statuses of the errors with which Node's parser and timers give up a request; all others are malformed requests. */
const STATUS_OF_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers, in the form of all other answers, what Node itself would answer with an empty body or not at all. */
export function answerUnroutable(server: Server, logger: Logger): void {
  const lastResponses = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => lastResponses.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = STATUS_OF_ERROR[error.code ?? ''] ?? 400;
    logger.debug({ remoteAddress: (socket as Socket).remoteAddress, status, reason: error.code }, 'malformed request');
    const response = lastResponses.get(socket);
    const isAnswering = response?.headersSent && !response.writableFinished;
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
      socket.destroy();
    } else {
      endWithText(socket, status, STATUS_CODES[status]!.toLowerCase());
    }
  });
  server.on('connect', (_request, socket) => endWithText(socket, 404, NOT_FOUND_TEXT));
  server.on('checkExpectation', (_request, response) => {
    const body = 'expectation failed\n';
    response.writeHead(417, { ...TEXT_HEADERS, 'Content-Length': body.length }).end(body);
  });
}

/** Writes a whole response of one line to a socket that Node's HTTP server has given up or handed over, and ends it. */
export function endWithText(socket: Duplex, status: number, line: string): void {
  const body = `${line}\n`;
  const headers = { ...TEXT_HEADERS, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
}
