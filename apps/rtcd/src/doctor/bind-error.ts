/** Explanation of a socket that cannot be bound, and what to do. */
export interface BindExplanation {
  readonly reason: string;
  readonly advice: string;
}

/** Explains an error code of `bind` or `listen`. The setting is the one that the address or port is from. */
export function explainBindError(code: string | undefined, setting: string): BindExplanation {
  switch (code) {
    case 'EADDRINUSE':
    case 'address_in_use':
      return {
        reason: 'another process uses the port',
        advice: `Find the process with "ss -lunp" (UDP) or "ss -ltnp" (TCP) and stop it, or change ${setting}.`,
      };
    case 'EACCES':
    case 'EPERM':
    case 'permission_denied':
      return {
        reason: 'permission denied',
        advice: `Use a port above 1023 in ${setting}, or give the process the capability CAP_NET_BIND_SERVICE.`,
      };
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'address_not_available':
      return {
        reason: 'it is not an address of this machine',
        advice: `Use an address of this machine in ${setting}; "ip address" lists them.`,
      };
    default:
      return { reason: code ?? 'unknown error', advice: `Check ${setting}.` };
  }
}
