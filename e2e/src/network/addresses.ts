/** Addresses of rtcd: on the internet, and in an office. */
export const RTCD = {
  ipv4: '203.0.113.10',
  ipv6: '2001:db8::10',
  officeIpv4: '192.168.50.10',
  officeIpv6: '2001:db8:50::10',
} as const;

/** Ports of rtcd. That for TCP is the one that firewalls leave open. */
export const RTCD_PORTS = { udp: 8443, tcp: 443 } as const;

/** Addresses of the desk in the office. */
export const DESK = { ipv4: '192.168.50.20', ipv6: '2001:db8:50::20' } as const;

/** The TURN server on the internet. */
export const TURN = { ipv4: '203.0.113.20', ipv6: '2001:db8::20', port: 3478 } as const;
