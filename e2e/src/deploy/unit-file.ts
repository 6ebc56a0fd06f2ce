/** The sections of a systemd unit; each setting with all values that it was given. */
export type UnitFile = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Reads a systemd unit without continued lines. */
export function parseUnitFile(text: string): UnitFile {
  const sections: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> | undefined;
  for (const line of text.split('\n').filter((candidate) => !/^\s*(#.*)?$/.test(candidate))) {
    const heading = /^\[(\w+)\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      section = sections[heading] ??= {};
      continue;
    }
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === '' || section === undefined) throw new Error(`not a setting: ${line}`);
    section[key] = [...(section[key] ?? []), value];
  }
  return sections;
}
