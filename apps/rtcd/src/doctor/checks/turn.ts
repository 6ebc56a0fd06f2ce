import { createTurnCredentials, RtcError, type TurnCredentials, tryAllocation } from '@rtcd/rtc';
import { type IceServer, isTurnUrl } from '../../config/ice-servers.ts';
import type { Config } from '../../config/settings.ts';
import type { Finding, Level } from '../finding.ts';

/** Error code of a TURN server that does not accept the credentials (RFC 8489 section 9.2.4). */
const UNAUTHORIZED = 401;

/** Asks each configured TURN server for an allocation, and gives it back. */
export async function checkTurn(rtc: Pick<Config['rtc'], 'ice_servers' | 'turn'>): Promise<Finding[]> {
  const asked = rtc.ice_servers.flatMap((server) =>
    server.urls.filter(isTurnUrl).map((url) => checkServer(url, server, rtc.turn)),
  );
  return Promise.all(asked);
}

const finding = (level: Level, message: string, advice?: string): Finding => ({
  check: 'turn',
  level,
  message,
  ...(advice !== undefined && { advice }),
});

async function checkServer(url: string, server: IceServer, turn: Config['rtc']['turn']): Promise<Finding> {
  const credentials = credentialsFor(server, turn);
  if (credentials === undefined) {
    return finding(
      'error',
      `${url} cannot be used: it has no credentials, and there is no secret.`,
      'Set rtc.turn.static_auth_secret to the static-auth-secret of the server, or username and credential of its entry in rtc.ice_servers.',
    );
  }
  const outcome = await tryAllocation({ url, ...credentials }).catch((error: unknown) => {
    if (error instanceof RtcError && error.code === 'invalid_option') return undefined;
    throw error;
  });
  if (outcome === undefined) {
    return finding(
      'warning',
      `${url} is no URL of a TURN server over UDP, TCP, or TLS: it is not used.`,
      'Correct it in rtc.ice_servers.',
    );
  }
  if (outcome.isAllocated) {
    return finding('ok', `${url} accepts the credentials, and relays at ${outcome.relayed.address}.`);
  }
  const { code, reason, isUntrusted } = outcome;
  if (isUntrusted) {
    return finding(
      'error',
      `${url} is not used, since its certificate is not trusted (${reason}).`,
      'Use a name that the certificate is for, renew it, or name the file of a private CA in the environment variable NODE_EXTRA_CA_CERTS.',
    );
  }
  if (code === UNAUTHORIZED) {
    const isOwn = server.username !== undefined && server.username !== '';
    return finding(
      'error',
      `${url} does not accept the credentials (${code} ${reason}).`,
      isOwn
        ? 'Correct username and credential of its entry in rtc.ice_servers.'
        : 'Set rtc.turn.static_auth_secret to the static-auth-secret of the server, and see that the clocks of both machines agree.',
    );
  }
  return finding(
    'error',
    `${url} makes no allocation: ${code === undefined ? '' : `${code} `}${reason}.`,
    code === undefined
      ? 'See that the server runs, and that firewalls let its port pass over the transport in the URL.'
      : 'The log of the server has the cause.',
  );
}

function credentialsFor(
  { username = '', credential = '' }: IceServer,
  { static_auth_secret: secret, credentials_expiration_minutes: expirationMinutes }: Config['rtc']['turn'],
): TurnCredentials | undefined {
  if (username !== '' && credential !== '') return { username, credential };
  return secret === '' ? undefined : createTurnCredentials({ secret, user: 'rtcd-doctor', expirationMinutes });
}
