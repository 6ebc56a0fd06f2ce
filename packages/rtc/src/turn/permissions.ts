/** Permissions last for five minutes (RFC 8656 section 9). */
const PERMISSION_LASTS_MS = 300_000;
/** Rest of its time in which a permission that is in use is asked for again: enough for all retransmissions. */
export const RENEWED_BEFORE_MS = 60_000;

/** Peers of several hundred joins in five minutes. */
const MAX_PERMISSIONS = 4096;

interface Permission {
  expiresMs: number;
  /** Asked for; also before the first answer. */
  isAsked: boolean;
  /** The server refused: not asked again before `expiresMs`. */
  isRefused: boolean;
  /** Something passed between us and the address since the permission was asked for last. */
  isUsed: boolean;
  /** The same, since it was asked for first. */
  wasUsed: boolean;
}

/**
 * IP addresses from which the server relays to us. A permission is asked for when a peer names its address, and again before it expires if it was used
 * meanwhile, so that peers with a direct path cost one request each.
 */
export class Permissions {
  readonly #byAddress = new Map<string, Permission>();

  get size(): number {
    return this.#byAddress.size;
  }

  /** Reports whether a permission should be asked for, and remembers that it is. */
  ask(address: string, nowMs: number): boolean {
    const known = this.#byAddress.get(address);
    if (known && (known.isAsked || nowMs < known.expiresMs)) return false;
    if (!known && this.#byAddress.size >= MAX_PERMISSIONS && !this.#evict()) return false;
    this.#byAddress.set(address, {
      expiresMs: nowMs + PERMISSION_LASTS_MS,
      isAsked: true,
      isRefused: false,
      isUsed: false,
      wasUsed: false,
    });
    return true;
  }

  /** Forgets the oldest permission that was never used: a peer that names many addresses takes no other one's away. False if there is none. */
  #evict(): boolean {
    for (const [address, { wasUsed }] of this.#byAddress) if (!wasUsed) return this.#byAddress.delete(address);
    return false;
  }

  /** The server has created the permission, or renewed it. */
  created(address: string, nowMs: number): void {
    const permission = this.#byAddress.get(address);
    if (permission === undefined) return;
    permission.isAsked = false;
    permission.isRefused = false;
    permission.expiresMs = nowMs + PERMISSION_LASTS_MS;
  }

  /** The server has refused the permission, or did not answer. */
  refused(address: string): void {
    const permission = this.#byAddress.get(address);
    if (permission === undefined) return;
    permission.isAsked = false;
    permission.isRefused = true;
  }

  /** Takes down that the permission is in use. Returns false if there is none. */
  use(address: string): boolean {
    const permission = this.#byAddress.get(address);
    if (permission === undefined || permission.isRefused) return false;
    permission.isUsed = true;
    permission.wasUsed = true;
    return true;
  }

  /** Forgets what has expired, and returns the addresses whose permissions should be asked for again. */
  sweep(nowMs: number): string[] {
    const due: string[] = [];
    for (const [address, permission] of this.#byAddress) {
      if (nowMs >= permission.expiresMs) this.#byAddress.delete(address);
      else if (permission.isUsed && !permission.isAsked && nowMs >= permission.expiresMs - RENEWED_BEFORE_MS) {
        permission.isUsed = false;
        permission.isAsked = true;
        due.push(address);
      }
    }
    return due;
  }
}
