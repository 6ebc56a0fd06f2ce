/** Names that Go has for platforms (`go tool dist list`) where Node has others. */
const GO_OS: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', mipsel: 'mipsle' };

/** Spells `process.platform` and `process.arch` as Go does, for readers of `/version` that compare them. */
export function goPlatform(
  platform: string,
  arch: string,
  endianness: 'BE' | 'LE',
): { readonly goOS: string; readonly goArch: string } {
  const goArch = arch === 'ppc64' && endianness === 'LE' ? 'ppc64le' : (GO_ARCH[arch] ?? arch);
  return { goOS: GO_OS[platform] ?? platform, goArch };
}
