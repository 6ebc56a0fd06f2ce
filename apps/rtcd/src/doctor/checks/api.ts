import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseListenAddress } from '@rtcd/api';
import type { Config } from '../../config/settings.ts';
import { explainBindError } from '../bind-error.ts';
import type { Finding } from '../finding.ts';

const ANSWER_LIMIT_MS = 3_000;

/** State of the port for clients. */
export interface ApiCheck {
  readonly findings: readonly Finding[];
  /** An rtcd has the port already, presumably the one that is examined. */
  readonly isRunning: boolean;
}

/** Tries to listen where the API would. A running rtcd is recognized by its answer to `/version`. */
export async function checkApi({ listen_address, tls }: Config['api']['http']): Promise<ApiCheck> {
  const { host, port } = parseListenAddress(listen_address);
  const error = await tryToListen(port, host);
  if (error === undefined) {
    return { findings: [ok(`The API can listen on ${listen_address}.`)], isRunning: false };
  }
  if (error.code === 'EADDRINUSE' && (await isRtcd(host, port, tls.enable))) {
    return { findings: [ok(`rtcd is running, and its API answers on ${listen_address}.`)], isRunning: true };
  }
  const { reason, advice } = explainBindError(error.code, 'api.http.listen_address');
  const message = `The API cannot listen on ${listen_address}: ${reason}.`;
  return { findings: [{ check: 'api', level: 'error', message, advice }], isRunning: false };
}

const ok = (message: string): Finding => ({ check: 'api', level: 'ok', message });

/** Listens on a TCP port for a moment. Resolves with the error if that fails. */
export async function tryToListen(port: number, host: string | undefined): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer().listen({ port, ...(host !== undefined && { host }), exclusive: true });
  try {
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    server.close();
  }
}

/** The certificate is for the name that clients use, so that it is not verified here. */
async function isRtcd(host: string | undefined, port: number, isTls: boolean): Promise<boolean> {
  const name = host === undefined || /^[0:.]+$/.test(host) ? 'localhost' : host;
  const { get } = isTls ? await import('node:https') : await import('node:http');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get(
    { host: name, port, path: '/version', timeout: ANSWER_LIMIT_MS, ...(isTls && { rejectUnauthorized: false }) },
    (response) =>
      text(response).then(
        (body) => resolve(body.includes('"buildVersion"')),
        () => resolve(false),
      ),
  );
  request.on('timeout', () => request.destroy());
  request.on('error', () => resolve(false));
  return promise;
}
