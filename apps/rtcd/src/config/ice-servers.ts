import { z } from 'zod';
import type { SettingKind } from './setting.ts';

/** A STUN or TURN server, as RTCIceServer has it (W3C WebRTC). */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

const url = z.string().regex(/^(stun|stuns|turn|turns):[^\s]+$/);

/** Reports whether a URL that was accepted is one of a STUN server over UDP or TCP. */
export const isStunUrl = (url: string): boolean => url.startsWith('stun:');

/** Reports whether a URL that was accepted is one of a TURN server, over any transport. */
export const isTurnUrl = (url: string): boolean => url.startsWith('turn');

const server = z.object({
  urls: z.union([
    z
      .array(url)
      .min(1)
      .refine((urls) => urls.every((one) => isTurnUrl(one) === isTurnUrl(urls[0]!))),
    url.transform((one) => [one]),
  ]),
  username: z.string().optional(),
  credential: z.string().optional(),
});

const KEYS = Object.keys(server.shape);

/** Go's decoders take keys in any case. */
const inLowerCase = (entry: unknown): unknown =>
  isTable(entry) ? Object.fromEntries(Object.entries(entry).map(([key, value]) => [key.toLowerCase(), value])) : entry;

/** URLs alone, tables, or both; as JSON in the environment. */
export const iceServers: SettingKind<readonly IceServer[]> = {
  schema: z.array(z.union([url.transform((one): IceServer => ({ urls: [one] })), z.preprocess(inLowerCase, server)])),
  expected:
    'be a list of STUN and TURN URLs, or of tables with urls (all of STUN servers or all of TURN servers), username and credential',
  fromText: (value) => {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  },
  notesOn: (entries) =>
    (entries as unknown[]).flatMap((entry, index) =>
      unknownKeys(entry).map((key) => `${key} in entry ${index + 1} is not known: ignored`),
    ),
};

function unknownKeys(entry: unknown): string[] {
  return isTable(entry) ? Object.keys(entry).filter((key) => !KEYS.includes(key.toLowerCase())) : [];
}

const isTable = (value: unknown): value is object => typeof value === 'object' && value !== null;
