import * as z from 'zod';
import { parseShape } from './schema.ts';

/** Body of `GET /version`. `buildVersion` is empty, `master` or `dev*` for a build that is not a release. */
export interface VersionInfo {
  readonly buildDate: string;
  readonly buildVersion: string;
  readonly buildHash: string;
  readonly goVersion: string;
  readonly goOS: string;
  readonly goArch: string;
}

/** Answer to `GET /system`. */
export interface SystemInfo {
  /** Load of the whole machine; lower is idler. */
  readonly cpuLoad: number;
}

/** Body of `GET /system` as the HTTP API writes it. */
export interface SystemInfoJSON {
  readonly cpu_load: number;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const versionInfoSchema = z.object({
  buildDate: text,
  buildVersion: text,
  buildHash: text,
  goVersion: text,
  goOS: text,
  goArch: text,
});

const systemInfoSchema = z.object({ cpu_load: z.number() });

/** Reads the body of `GET /version`. Missing fields are empty. Throws `ProtocolError`. */
export function versionInfoFromJSON(value: unknown): VersionInfo {
  return parseShape(versionInfoSchema, value, 'version info');
}

/** Reads the body of `GET /system`. Throws `ProtocolError`. */
export function systemInfoFromJSON(value: unknown): SystemInfo {
  return { cpuLoad: parseShape(systemInfoSchema, value, 'system info').cpu_load };
}

/** Writes the body of `GET /system`. */
export function systemInfoToJSON({ cpuLoad }: SystemInfo): SystemInfoJSON {
  return { cpu_load: cpuLoad };
}
