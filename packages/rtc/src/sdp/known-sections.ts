import type { RemoteSection } from './description.ts';
import { readBlock } from './lines.ts';
import { type ParsedSection, parseSection, RepeatedLists } from './parse-section.ts';

/** Fewer are read again: their text would take more memory than that is worth. */
const MIN_REMEMBERED = 8;

/**
 * The sections of a peer's last description, by their text. Its next one repeats nearly all of them: these are not read again, and are the same
 * objects, so that what was made of them holds. While a call grows to 100, its descriptions have half a million sections.
 */
export class KnownSections {
  #parsed: ReadonlyMap<string, ParsedSection> = new Map();
  readonly #completed = new WeakMap<ParsedSection, RemoteSection>();

  /** Reads the m-sections of the next description. Throws `RtcError` `invalid_sdp`. */
  parse(texts: readonly string[]): readonly ParsedSection[] {
    const lists = new RepeatedLists();
    const now = new Map<string, ParsedSection>();
    const sections = texts.map((text) => {
      const section = this.#parsed.get(text) ?? parseSection(readBlock(text), lists);
      now.set(text, section);
      return section;
    });
    this.#parsed = sections.length < MIN_REMEMBERED ? new Map() : now;
    return sections;
  }

  /** Adds to a section what the rest of its description says about it. */
  complete(parsed: ParsedSection, bundled: boolean, allowsMixedInAll: boolean): RemoteSection {
    const allowsMixedExtensions = parsed.allowsMixedExtensions || allowsMixedInAll;
    const known = this.#completed.get(parsed);
    if (known?.bundled === bundled && known.allowsMixedExtensions === allowsMixedExtensions) return known;
    const section = { ...parsed, allowsMixedExtensions, bundled };
    this.#completed.set(parsed, section);
    return section;
  }
}
