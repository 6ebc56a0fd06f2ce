import type { IncomingMessage, ServerResponse } from 'node:http';
import { sessionConfigToJSON } from '@rtcd/protocol';
import { type FakeClients, Refused } from './fake-clients.ts';
import type { FakeSessions } from './fake-sessions.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** State and actions that the routes need. */
export interface FakeHttpHost {
  readonly clients: FakeClients;
  readonly sessions: FakeSessions;
  readonly version: Readonly<Record<string, string>>;
  readonly allowSelfRegistration: boolean;
  /** Undefined: `/system` fails. */
  readonly cpuLoad: number | undefined;
  authenticate(request: IncomingMessage): string;
}

/** Answers one request of the HTTP API (contract section 1). */
export async function handleHttp(
  host: FakeHttpHost,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const route = `${request.method} ${path}`;
  switch (route) {
    case 'GET /version':
      return json(response, 200, host.version);
    case 'GET /system':
      if (host.cpuLoad === undefined) return text(response, 500, 'failed to get system info');
      return json(response, 200, { cpu_load: host.cpuLoad });
    case 'POST /register':
      return audited(response, 201, () => register(host, request));
    case 'POST /unregister':
      return audited(response, 200, () => unregister(host, request));
    case 'POST /login':
      return audited(response, 200, async () => {
        const { clientID, authKey } = await readBody(request);
        return { bearerToken: host.clients.login(clientID, authKey) };
      });
    default:
      return calls(host, route, request, response);
  }
}

async function register(host: FakeHttpHost, request: IncomingMessage): Promise<Record<string, string>> {
  if (!host.allowSelfRegistration && host.authenticate(request) !== '') {
    throw new Refused(401, 'authentication failed: unauthorized');
  }
  const { clientID, authKey } = await readBody(request);
  host.clients.register(clientID, authKey);
  return { clientID };
}

async function unregister(host: FakeHttpHost, request: IncomingMessage): Promise<Record<string, string>> {
  const { clients, allowSelfRegistration } = host;
  if (!allowSelfRegistration && !clients.isAdminEnabled) throw new Refused(403, 'unregister not enabled');
  const caller = host.authenticate(request);
  const { clientID } = await readBody(request);
  if (clientID === '') throw new Refused(400, 'client id should not be empty');
  if (caller !== '' && caller !== clientID) throw new Refused(403, 'client id not valid');
  clients.unregister(clientID);
  return {};
}

function calls(host: FakeHttpHost, route: string, request: IncomingMessage, response: ServerResponse): void {
  const [, callID, sessionID] = /^GET \/calls\/([^/]+)\/sessions(?:\/([^/]+))?$/.exec(route) ?? [];
  try {
    if (callID === undefined) throw new Refused(404, '404 page not found');
    const groupID = host.authenticate(request);
    if (groupID === '') throw new Refused(401, 'unauthorized');
    const call = decodeURIComponent(callID);
    const body =
      sessionID === undefined
        ? host.sessions.inCall(groupID, call).map(sessionConfigToJSON)
        : sessionConfigToJSON(host.sessions.one(groupID, call, decodeURIComponent(sessionID)));
    json(response, 200, body);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    text(response, error.status, error.status === 401 ? 'unauthorized' : error.message);
  }
}

/** The answer carries its status as a string, and what went wrong. */
async function audited(
  response: ServerResponse,
  status: number,
  run: () => Promise<Record<string, string>>,
): Promise<void> {
  try {
    json(response, status, { ...(await run()), code: String(status) });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    json(response, error.status, { error: error.message, code: String(error.status) });
  }
}

async function readBody(request: IncomingMessage): Promise<{ clientID: string; authKey: string }> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) throw new Refused(400, 'request body too large');
  }
  try {
    const { clientID = '', authKey = '' } = JSON.parse(body) as Record<string, string>;
    return { clientID: String(clientID), authKey: String(authKey) };
  } catch {
    throw new Refused(400, 'invalid JSON');
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${body}\n`);
}
