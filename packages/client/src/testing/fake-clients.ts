import { randomBytes, timingSafeEqual } from 'node:crypto';

/** An answer that is an error: HTTP status and the contract's text. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Registered clients, and authentication of requests (contract section 1, without the hashing and the throttle). */
export class FakeClients {
  /** Auth key of each clientID. */
  readonly keys: Map<string, string>;
  /** ClientID of each live bearer token. */
  readonly #tokens = new Map<string, string>();
  readonly #adminSecretKey: string;

  constructor(keys: Readonly<Record<string, string>>, adminSecretKey: string) {
    this.keys = new Map(Object.entries(keys));
    this.#adminSecretKey = adminSecretKey;
  }

  get isAdminEnabled(): boolean {
    return this.#adminSecretKey !== '';
  }

  register(clientID: string, authKey: string): void {
    if (Buffer.byteLength(authKey) < 32) throw new Refused(400, 'registration failed: key not long enough');
    if (clientID === '') throw new Refused(400, 'registration failed: error: empty key');
    if (this.keys.has(clientID)) throw new Refused(400, 'registration failed: already registered');
    this.keys.set(clientID, authKey);
  }

  unregister(clientID: string): void {
    if (!this.keys.delete(clientID)) throw new Refused(400, 'unregister failed: error: not found');
    this.#dropToken(clientID);
  }

  login(clientID: string, authKey: string): string {
    if (!this.keys.has(clientID)) throw new Refused(400, 'login failed: authentication failed: error: not found');
    if (!isEqual(this.keys.get(clientID) ?? '', authKey)) throw new Refused(400, 'login failed: authentication failed');
    this.#dropToken(clientID);
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, clientID);
    return token;
  }

  /** The clientID behind an Authorization header; empty for the admin. */
  authenticate(authorization: string | undefined): string {
    if (authorization?.startsWith('Bearer ')) {
      const clientID = this.#tokens.get(authorization.slice('Bearer '.length));
      if (clientID === undefined) throw new Refused(401, 'authentication failed: token is invalid');
      return clientID;
    }
    const credentials = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(authorization ?? '')?.[1];
    const pair = Buffer.from(credentials ?? '', 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    if (colon < 0) throw new Refused(401, 'authentication failed: invalid auth header');
    const clientID = pair.slice(0, colon);
    const authKey = pair.slice(colon + 1);
    if (this.isAdminEnabled && isEqual(this.#adminSecretKey, authKey)) return '';
    if (clientID === '') throw new Refused(401, 'authentication failed: unauthorized');
    if (!isEqual(this.keys.get(clientID) ?? '', authKey)) throw new Refused(401, 'authentication failed');
    return clientID;
  }

  #dropToken(clientID: string): void {
    for (const [token, owner] of this.#tokens) if (owner === clientID) this.#tokens.delete(token);
  }
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return expected !== '' && a.length === b.length && timingSafeEqual(a, b);
}
