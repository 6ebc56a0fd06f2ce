const IPV6_GROUPS = 8;

/**
 * Network-order bytes of an IP address in text form: 4 for IPv4, 16 for IPv6. An IPv4-mapped IPv6 address
 * ('::ffff:192.0.2.1', what a dual-stack socket reports) is the IPv4 address that it represents; a zone ('%eth0') is cut off.
 */
export function parseIpAddress(text: string): Buffer | undefined {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return bytes !== undefined && isIpv4Mapped(bytes) ? bytes.subarray(12) : bytes;
}

/** The text form of 4 or 16 bytes; IPv6 in the form of RFC 5952 section 4. */
export function formatIpAddress(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : formatIpv6(bytes);
}

function parseIpv4(text: string): Buffer | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = Buffer.alloc(4);
  for (const [index, part] of parts.entries()) {
    // Some parsers read a leading zero as octal, so it is refused (as inet_pton does).
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[index] = Number(part);
  }
  return bytes;
}

function parseIpv6(text: string): Buffer | undefined {
  const zone = text.indexOf('%');
  const halves = (zone < 0 ? text : text.slice(0, zone)).split('::');
  if (halves.length > 2) return undefined;

  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (head === undefined || tail === undefined) return undefined;

  const missing = IPV6_GROUPS - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;

  const bytes = Buffer.alloc(16);
  head.forEach((group, index) => {
    bytes.writeUInt16BE(group, index * 2);
  });
  tail.forEach((group, index) => {
    bytes.writeUInt16BE(group, (head.length + missing + index) * 2);
  });
  return bytes;
}

/** Groups on one side of '::'. Only the address's last group may be a dotted quad, which then counts as two. */
function parseGroups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const quad = endsAddress && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (quad === undefined) return undefined;
      groups.push(quad.readUInt16BE(0), quad.readUInt16BE(2));
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function isIpv4Mapped(bytes: Buffer): boolean {
  return bytes.length === 16 && bytes.readUInt16BE(10) === 0xffff && bytes.subarray(0, 10).every((byte) => byte === 0);
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: IPV6_GROUPS }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  const { start, length } = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}
