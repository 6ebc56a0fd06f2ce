/** Any part of a tree of tables. */
export type DeepPartial<T> = T extends readonly unknown[] | string | number | boolean | undefined
  ? T
  : { readonly [K in keyof T]?: DeepPartial<T[K]> };

/** The tree with the overrides in place of its own values. */
export function merge<T extends object>(tree: T, overrides: DeepPartial<NoInfer<T>>): T {
  return mergeTables(tree, overrides) as T;
}

function mergeTables(tree: object, overrides: object): object {
  const merged = new Map<string, unknown>(Object.entries(tree));
  for (const [key, value] of Object.entries(overrides)) {
    const own = merged.get(key);
    merged.set(key, isTable(own) && isTable(value) ? mergeTables(own, value) : value);
  }
  return Object.fromEntries(merged);
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
