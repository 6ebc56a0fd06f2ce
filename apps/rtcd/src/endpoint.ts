/** An address with its port, as `192.0.2.1:8443` or `[2001:db8::1]:8443`. */
export function formatEndpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
