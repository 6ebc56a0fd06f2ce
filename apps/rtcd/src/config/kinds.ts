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

export const text: SettingKind<string> = {
  schema: z.string({ error: 'should be a string' }),
  fromText: asIs,
};

export const nonEmptyText: SettingKind<string> = {
  schema: text.schema.refine((value) => value !== '', { error: 'should not be empty' }),
  fromText: asIs,
};

export const flag: SettingKind<boolean> = {
  schema: z.boolean({ error: 'should be true or false' }),
  fromText: (value) => FLAG_TEXTS[value] ?? value,
};

/** A whole number within bounds, both included. */
export function integer(min: number, max: number, error: string): SettingKind<number> {
  return { schema: z.int({ error }).min(min, { error }).max(max, { error }), fromText: numberFromText };
}

export const positiveInteger = integer(1, 1_000_000_000, 'should be a positive number');

export const nonNegativeInteger = integer(0, 1_000_000_000, 'should be zero or a positive number');

/** Media ports below are privileged or well known, above they are ephemeral. */
export const mediaPort = integer(80, 49_151, 'should be a port from 80 to 49151');

/** For what is decided elsewhere unless it is set. */
export function optional<T>({ schema, fromText }: SettingKind<T>): SettingKind<T | undefined> {
  return { schema: schema.optional(), fromText };
}

export const listenAddress: SettingKind<string> = {
  schema: text.schema.refine(isListenAddress, { error: 'should be host:port, [IPv6 address]:port or :port' }),
  fromText: asIs,
};

/** Comma-separated; empty for all. */
export const ipAddresses: SettingKind<string> = {
  schema: text.schema.refine((list) => list === '' || list.split(',').every((ip) => isIP(ip.trim()) !== 0), {
    error: 'should be a comma-separated list of IP addresses',
  }),
  fromText: asIs,
};

const HOST_PORT_PAIR = /^(?<ip>[^/]+)\/(?<port>\d{1,5})$/;
const isPort = (value: string) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;

/** One port, or a comma-separated list of `localIP/port`. Kept as text; a bare number is fine in TOML. */
export const hostPortOverride: SettingKind<string> = {
  schema: z
    .union([z.string(), z.int().transform(String)], { error: 'should be a port or a list of localIP/port' })
    .refine((value) => value === '' || isPort(value) || value.split(',').every((pair) => isHostPort(pair.trim())), {
      error: 'should be a port or a comma-separated list of localIP/port',
    })
    .refine((value) => !hasDuplicates(value.split(',').map((pair) => pair.trim().split('/')[0])), {
      error: 'should not name a local IP address twice',
    }),
  fromText: asIs,
};

/** How many sent packets are kept for retransmission. */
export const nackBufferSize: SettingKind<number> = {
  schema: z
    .int({ error: 'should be a power of two from 32 to 8192' })
    .refine((size) => size >= 32 && size <= 8192 && Number.isInteger(Math.log2(size)), {
      error: 'should be a power of two from 32 to 8192',
    }),
  fromText: numberFromText,
};

/** `Number` would make 0 of an empty text. */
function numberFromText(value: string): unknown {
  return /^[+-]?\d+$/.test(value) ? Number(value) : value;
}

function isListenAddress(value: string): boolean {
  try {
    parseListenAddress(value);
    return true;
  } catch {
    return false;
  }
}

function isHostPort(pair: string): boolean {
  const groups = HOST_PORT_PAIR.exec(pair)?.groups;
  return groups !== undefined && isIP(groups.ip ?? '') !== 0 && isPort(groups.port ?? '');
}

function hasDuplicates(values: readonly unknown[]): boolean {
  return new Set(values).size !== values.length;
}
