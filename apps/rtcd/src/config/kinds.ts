import { isIP } from 'node:net';
import { parseListenAddress } from '@rtcd/api';
import { z } from 'zod';
import type { SettingKind } from './setting.ts';

const asIs = (text: string) => text;

/** Go's spellings of truth, as deployments have them in their environments. */
const FLAG_TEXTS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'True', 'TRUE'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'False', 'FALSE'].map((text) => [text, false])),
};

export const text: SettingKind<string> = { schema: z.string(), expected: 'be a string', fromText: asIs };

export const nonEmptyText: SettingKind<string> = {
  schema: z.string().min(1),
  expected: 'be a string, and not empty',
  fromText: asIs,
};

export const flag: SettingKind<boolean> = {
  schema: z.boolean(),
  expected: 'be true or false',
  fromText: (value) => FLAG_TEXTS[value] ?? value,
};

/** A whole number within bounds, both included. */
export function integer(min: number, max: number, expected: string): SettingKind<number> {
  return { schema: z.int().min(min).max(max), expected, fromText: numberFromText };
}

export const positiveInteger = integer(1, 1_000_000_000, 'be a positive number');

export const nonNegativeInteger = integer(0, 1_000_000_000, 'be zero or a positive number');

/** Media ports below are privileged or well known, above they are ephemeral. */
export const mediaPort = integer(80, 49_151, 'be a port from 80 to 49151');

/** For what 0 leaves at its default. */
export const positiveIntegerOrUnset: SettingKind<number> = { ...nonNegativeInteger, unset: 0 };

/** For what is decided elsewhere unless it is set. */
export function optional<T>(kind: SettingKind<T>): SettingKind<T | undefined> {
  return { ...kind, schema: kind.schema.optional() };
}

export const listenAddress: SettingKind<string> = {
  schema: z.string().refine(isListenAddress),
  expected: 'be host:port, [IPv6 address]:port or :port',
  fromText: asIs,
};

/** Comma-separated; empty for all. */
export const ipAddresses: SettingKind<string> = {
  schema: z.string().refine((list) => list === '' || splitList(list).every((ip) => isIP(ip) !== 0)),
  expected: 'be a comma-separated list of IP addresses',
  fromText: asIs,
};

/** Names of network interfaces, comma-separated, in which `*` stands for anything. Linux allows all but slashes and spaces in them. */
export const interfaceNames: SettingKind<string> = {
  schema: z.string().regex(/^(?:[^\s,/]+(?:\s*,\s*[^\s,/]+)*)?$/),
  expected: 'be a comma-separated list of interface names, in which * stands for anything',
  fromText: asIs,
};

/** One port, or a comma-separated list of `localIP/port`. Kept as text; a bare number is fine in TOML. */
export const hostPortOverride: SettingKind<string> = {
  schema: z.union([z.string(), z.int().transform(String)]).refine(isHostPortOverride),
  expected: 'be a port, or a comma-separated list of localIP/port that names no local IP twice',
  fromText: asIs,
};

/** Number of sent packets kept for retransmission. */
export const nackBufferSize: SettingKind<number> = {
  schema: z.int().refine((size) => size === 0 || (size >= 32 && size <= 8192 && Number.isInteger(Math.log2(size)))),
  expected: 'be a power of two from 32 to 8192',
  fromText: numberFromText,
  unset: 0,
};

function numberFromText(value: string): unknown {
  return parseGoInteger(value) ?? value;
}

function isListenAddress(value: string): boolean {
  try {
    parseListenAddress(value);
    return true;
  } catch {
    return false;
  }
}

const LOCAL_IP_AND_PORT = /^(?<ip>[^/]+)\/(?<port>\d{1,5})$/;

function isHostPortOverride(value: string): boolean {
  if (value === '' || isPort(value)) return true;
  const pairs = splitList(value).map((pair) => LOCAL_IP_AND_PORT.exec(pair)?.groups);
  const areValid = pairs.every((pair) => pair !== undefined && isIP(pair.ip ?? '') !== 0 && isPort(pair.port ?? ''));
  return areValid && new Set(pairs.map((pair) => pair?.ip)).size === pairs.length;
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;
}

function splitList(list: string): string[] {
  return list.split(',').map((item) => item.trim());
}

/** From everything to next to nothing. PANIC is another name for FATAL. */
const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'PANIC'] as const;

/** The level from which up lines are written: TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or PANIC, which is FATAL too. */
export type LogLevel = (typeof LOG_LEVELS)[number];

export const logLevel: SettingKind<LogLevel> = {
  schema: z.string().toUpperCase().pipe(z.enum(LOG_LEVELS)),
  expected: `be one of ${LOG_LEVELS.join(', ')}`,
  fromText: (text) => text,
};

/** An integer literal of Go, underscores between its digits included (the Go specification, "Integer literals"). */
const GO_INTEGER =
  /^(?<sign>[+-]?)(?<digits>0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;

/** The number that a text stands for, as Go reads integers from the environment, or undefined if it stands for none. */
export function parseGoInteger(text: string): number | undefined {
  const { sign, digits } = GO_INTEGER.exec(text)?.groups ?? {};
  if (digits === undefined) return undefined;
  // A leading 0 alone means octal to Go, and nothing to JavaScript.
  const value = Number(digits.replaceAll('_', '').replace(/^0(?=\d)/, '0o'));
  return sign === '-' ? 0 - value : value;
}
