/** Bytes of hex digits; white space and everything after a `#` on a line are for the reader. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/.test(digits)) throw new Error(`not hex: ${digits}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
