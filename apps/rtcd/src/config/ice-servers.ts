import { z } from 'zod';
import type { SettingKind } from './setting.ts';

/** A STUN or TURN server, as RTCIceServer has it (W3C WebRTC). */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

const url = z.string().regex(/^(stun|stuns|turn|turns):[^\s]+$/);

const server = z.strictObject({
  urls: z.union([z.array(url).min(1), url.transform((one) => [one])]),
  username: z.string().optional(),
  credential: z.string().optional(),
});

/** URLs alone, tables, or both; as JSON in the environment. */
export const iceServers: SettingKind<readonly IceServer[]> = {
  schema: z.array(z.union([url.transform((one): IceServer => ({ urls: [one] })), server])),
  expected: 'be a list of STUN and TURN URLs, or of tables with urls, username and credential',
  fromText: (value) => {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  },
};
