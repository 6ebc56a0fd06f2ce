/** `KEY=value KEY=value`, as ENV in a Dockerfile and Environment= in a unit have them. */
export function parseKeyValues(text: string): Record<string, string> {
  const pairs = text
    .trim()
    .split(/\s+/)
    .map((pair) => {
      const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(pair) ?? [];
      if (key === '') throw new Error(`not KEY=value: ${pair}`);
      return [key, value] as const;
    });
  return Object.fromEntries(pairs);
}
