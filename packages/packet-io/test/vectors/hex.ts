/** Bytes written as in an RFC: hexadecimal digits, spaced and broken as is convenient. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}
