import { invalidSdp } from './invalid.ts';

// A Chromium video section with simulcast has about 100.
const MAX_ATTRIBUTES = 1024;

/** Lines before the first m-line of an SDP, or of one m-section of it. */
export interface SdpBlock {
  /** The m-line without `m=`; empty for the session's own lines. */
  readonly mediaLine: string;
  /** The values of `a=<name>:<value>` lines by name, in order; of `a=<name>` lines an empty one. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** Splits SDP (RFC 8866 section 5) into the session's lines and its m-sections. Throws `RtcError` `invalid_sdp` for more of them than `maxSections`. */
export function splitSections(text: string, maxSections: number): [session: string, ...sections: string[]] {
  const starts = text.startsWith('m=') ? [0] : [];
  for (let at = text.indexOf('\nm='); at >= 0; at = text.indexOf('\nm=', at + 1)) {
    starts.push(at + 1);
    if (starts.length > maxSections) throw invalidSdp(`more than ${maxSections} media sections`);
  }
  return [text.slice(0, starts[0]), ...starts.map((start, index) => text.slice(start, starts[index + 1]))];
}

/** Reports whether a text has more lines than that. */
export function hasMoreLines(text: string, limit: number): boolean {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    count += 1;
    if (count > limit) return true;
  }
  return false;
}

/**
 * Reads the lines of a session or of an m-section. Those other than `m=` and `a=` say nothing that a WebRTC endpoint acts upon. Throws
 * `RtcError` `invalid_sdp` for more of them than any peer needs.
 */
export function readBlock(text: string): SdpBlock {
  const attributes = new Map<string, string[]>();
  let mediaLine = '';
  let count = 0;
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf('\n', start);
    const lineEnd = next < 0 ? text.length : next;
    const end = text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
    if (text.startsWith('a=', start)) {
      if (++count > MAX_ATTRIBUTES) throw invalidSdp(`more than ${MAX_ATTRIBUTES} attributes in one section`);
      addAttribute(attributes, text, start + 2, end);
    } else if (text.startsWith('m=', start)) mediaLine = text.slice(start + 2, end);
    start = lineEnd + 1;
  }
  return { mediaLine, attributes };
}

const CARRIAGE_RETURN = 13;

function addAttribute(attributes: Map<string, string[]>, text: string, start: number, end: number): void {
  const line = text.slice(start, end);
  const colon = line.indexOf(':');
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1);
  const values = attributes.get(name);
  if (values) values.push(value);
  else attributes.set(name, [value]);
}

/** The value of the first attribute of this name. */
export const firstOf = ({ attributes }: SdpBlock, name: string): string | undefined => attributes.get(name)?.[0];

/** The values of all attributes of this name. */
export const allOf = ({ attributes }: SdpBlock, name: string): readonly string[] => attributes.get(name) ?? NONE;

const NONE: readonly string[] = [];

/**
 * A copy that stands alone. In V8 a part of a string, unless it is shorter than 13, keeps the whole alive, and what a session
 * remembers of a description must not keep all of its text.
 */
export const detached = (part: string): string => (part.length < 13 ? part : Buffer.from(part).toString());
