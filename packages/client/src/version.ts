/**
 * Reports whether a release is at least `minimum`, both as `v1.2.3`. Builds that are no release (empty, `master`, `dev*`) always
 * are; of a pre-release (`-rc1`) the number counts.
 */
export function supportsVersion(buildVersion: string, minimum: string): boolean {
  if (buildVersion === '' || buildVersion === 'master' || buildVersion.startsWith('dev')) return true;
  const build = parseVersion(buildVersion);
  const least = parseVersion(minimum);
  if (build === undefined || least === undefined) return false;
  for (const [index, number] of build.entries()) {
    const difference = number - least[index]!;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function parseVersion(text: string): readonly number[] | undefined {
  return /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/.exec(text)?.slice(1).map(Number);
}
