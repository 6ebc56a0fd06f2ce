import type { z } from 'zod';

/** One setting: where its value may come from besides the file, what it may be, and what it is otherwise. */
export interface Setting<T> {
  /** The environment variable that overrides the file. */
  readonly environment: string;
  readonly schema: z.ZodType<T>;
  readonly expected: string;
  readonly default: T;
  /** Turns the text of the environment variable into what the schema takes. Throws on nonsense. */
  readonly fromText: (text: string) => unknown;
  /** Its value appears in no message. */
  readonly isSecret: boolean;
}

/** How values of one kind are read and checked. */
export interface SettingKind<T> {
  readonly schema: z.ZodType<T>;
  /** What a bad value should be, as the end of a sentence that begins with `should`. */
  readonly expected: string;
  readonly fromText: (text: string) => unknown;
}

/** Declares a setting of a kind. */
export function setting<T>(environment: string, kind: SettingKind<T>, value: NoInfer<T>): Setting<T> {
  return { environment, ...kind, default: value, isSecret: false };
}

/** Declares a setting whose value must not be shown. */
export function secretSetting<T>(environment: string, kind: SettingKind<T>, value: NoInfer<T>): Setting<T> {
  return { ...setting(environment, kind, value), isSecret: true };
}

/** Settings in the tables of the TOML file. */
export interface SettingTable {
  readonly [name: string]: Setting<unknown> | SettingTable;
}

/** The values of a table of settings. */
export type ValuesOf<T> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : ValuesOf<T[K]> };

export function isSetting(member: Setting<unknown> | SettingTable): member is Setting<unknown> {
  return 'fromText' in member && typeof member.fromText === 'function';
}

/** All settings of a table with their dotted names, in order. */
export function* listSettings(table: SettingTable, prefix = ''): Generator<[name: string, setting: Setting<unknown>]> {
  for (const [key, member] of Object.entries(table)) {
    const name = prefix + key;
    if (isSetting(member)) {
      yield [name, member];
    } else {
      yield* listSettings(member, `${name}.`);
    }
  }
}
