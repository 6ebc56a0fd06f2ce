import { createTurnCredentials, type TurnCredentials } from '../turn/credentials.ts';
import { parseTurnUrl, type TurnUrl } from '../turn/turn-url.ts';

/** A TURN server for relay candidates of our own, as RTCIceServer describes it (W3C WebRTC). */
export interface TurnServer {
  /** `turn:` and `turns:` URLs (RFC 7065), in the order in which they are tried. */
  readonly urls: readonly string[];
  /** Credentials of its own. Without them, time-limited ones are made with the secret. */
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

/** Shared secret for time-limited credentials. */
export interface TurnSecret {
  readonly secret: string;
  readonly expirationMinutes: number;
}

/** One TURN server by all of its URLs that can be used. */
export interface TurnServerChoice {
  readonly urls: readonly TurnUrl[];
  /** Makes credentials for one attempt. */
  credentials(unixMs: number): TurnCredentials;
}

export interface TurnServerChoices {
  readonly choices: readonly TurnServerChoice[];
  /** URLs that are not used, each with the reason. */
  readonly leftOut: readonly { readonly url: string; readonly reason: string }[];
}

/** More servers than for a spare one or two cost allocations and candidates, and help no peer. */
const MAX_SERVERS = 4;
/** RFC 8489 section 14.3. */
const MAX_USERNAME_BYTES = 508;
/** Name in the TURN server's log. */
const USER = 'rtcd';

/** Decides which servers get an allocation each. URLs of one host with the same credentials are one server: over UDP, or else over TCP, or else over TLS. */
export function chooseTurnServers(servers: readonly TurnServer[], secret: TurnSecret | undefined): TurnServerChoices {
  const choices = new Map<
    string,
    { readonly urls: TurnUrl[]; readonly credentials: TurnServerChoice['credentials'] }
  >();
  const leftOut: { url: string; reason: string }[] = [];
  for (const server of servers) {
    const credentials = credentialsFor(server, secret);
    for (const url of server.urls) {
      const parsed = parseTurnUrl(url);
      const key = JSON.stringify([parsed?.host, server.username, server.credential]);
      const known = choices.get(key);
      if (parsed === undefined) leftOut.push({ url, reason: 'it is no URL of a TURN server over UDP, TCP, or TLS' });
      else if (credentials === undefined)
        leftOut.push({ url, reason: 'it has no credentials, and there is no secret' });
      else if (known) known.urls.push(parsed);
      else if (choices.size < MAX_SERVERS) choices.set(key, { urls: [parsed], credentials });
      else leftOut.push({ url, reason: `${MAX_SERVERS} servers are used at most` });
    }
  }
  return { choices: [...choices.values()], leftOut };
}

function credentialsFor(
  { username = '', credential = '' }: TurnServer,
  secret: TurnSecret | undefined,
): TurnServerChoice['credentials'] | undefined {
  if (username !== '' && credential !== '' && Buffer.byteLength(username) <= MAX_USERNAME_BYTES) {
    return () => ({ username, credential });
  }
  if (secret === undefined) return undefined;
  return (unixMs) => createTurnCredentials({ ...secret, user: USER, unixMs: Math.floor(unixMs) });
}
