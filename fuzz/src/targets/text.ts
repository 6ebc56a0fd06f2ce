import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadConfig } from '../../../apps/rtcd/src/config/load.ts';
import { ConfigError } from '../../../apps/rtcd/src/errors.ts';
import { ApiError } from '../../../packages/api/src/errors.ts';
import { readStringMap } from '../../../packages/api/src/string-map.ts';
import { basicAuthorization, parseAuthorization } from '../../../packages/auth/src/authorization-header.ts';
import { RtcError } from '../../../packages/rtc/src/errors.ts';
import { parseDescription } from '../../../packages/rtc/src/sdp/parse.ts';
import { isWhole, rule, ruleOfRoundTrip } from '../rules.ts';
import { type FuzzTarget, parseOrRefuse, Refused } from '../target.ts';

const SEED_DESCRIPTIONS = 12;
const MAX_BODY_BYTES = 2_048;
const OFFERS = ['sdp-chromium156-first-offers', 'sdp-firefox153-first-offers', 'sdp-mattermost-offers'];

/** Texts of a file of descriptions, in whatever structure it has. */
function descriptionsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('v=0') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(descriptionsIn) : [];
}

const SDP: FuzzTarget = {
  name: 'sdp',
  sources: ['parse', 'parse-section', 'lines', 'invalid', 'known-sections'].map(
    (file) => `packages/rtc/src/sdp/${file}.ts`,
  ),
  seeds: () =>
    OFFERS.flatMap((name) => {
      const file = new URL(`../../../packages/rtc/test/vectors/${name}.json.gz`, import.meta.url);
      return descriptionsIn(JSON.parse(gunzipSync(readFileSync(file)).toString())).slice(0, SEED_DESCRIPTIONS);
    }).map((sdp) => Buffer.from(sdp)),
  parse(input) {
    const parsed = parseOrRefuse(RtcError, () => parseDescription({ type: 'offer', sdp: input.toString() }));
    if (parsed instanceof Refused) {
      rule(parsed.code === 'invalid_sdp', `refused as ${parsed.code}`);
      return parsed;
    }
    rule(parsed.sections.length <= 2_048, `${parsed.sections.length} sections`);
    return parsed;
  },
};

const BODY: FuzzTarget = {
  name: 'http-body',
  sources: ['packages/api/src/string-map.ts'],
  seeds: () =>
    ['{"clientID":"a","authKey":"b"}', '\ufeff{"a":null}', '[]', '{"a":1}', '{}'].map((text) => Buffer.from(text)),
  async parse(input) {
    const body = new Response(new Uint8Array(input)).body;
    try {
      return await readStringMap({ headers: new Headers(), body }, MAX_BODY_BYTES);
    } catch (error) {
      if (error instanceof ApiError) return new Refused(error.code);
      throw error;
    }
  },
};

const AUTHORIZATION: FuzzTarget = {
  name: 'authorization',
  sources: ['packages/auth/src/authorization-header.ts'],
  seeds: () =>
    [basicAuthorization('client', 'key:with:colons'), 'Bearer abc', 'basic Og==', 'Basic ===='].map((text) =>
      Buffer.from(text),
    ),
  parse(input) {
    const credentials = parseAuthorization(input.toString('latin1'));
    if (credentials?.scheme === 'basic' && isWhole(credentials.clientID + credentials.authKey)) {
      const { clientID, authKey } = credentials;
      ruleOfRoundTrip(credentials, parseAuthorization(basicAuthorization(clientID, authKey)));
    }
    return credentials;
  },
};

let configPath: string | undefined;

const CONFIG: FuzzTarget = {
  name: 'config',
  sources: ['load', 'toml-file', 'kinds', 'setting', 'conflicts', 'ice-servers'].map(
    (file) => `apps/rtcd/src/config/${file}.ts`,
  ),
  seeds: () => [
    readFileSync(new URL('../../../apps/rtcd/config.sample.toml', import.meta.url)).subarray(0, 3_000),
    ...[
      '[rtc]\nice_port_udp = 0x2000\nice_servers = ["stun:a:1", {urls = ["turn:b"], username = "u", credential = "c"}]\n',
      '[api.http]\nlisten_address = ":8045"\n[API.HTTP.TLS]\nenable = true\n',
      '[rtc]\nice_host_override = "1.2.3.4/10.0.0.1,5.6.7.8/10.0.0.2"\nice_host_port_override = "10.0.0.1/80"\n',
      '[logger]\nconsole_level = "debug"\nunknown = 1\n[store]\ndata_source = "redis://h"\n',
    ].map((text) => Buffer.from(text)),
  ],
  async parse(input) {
    configPath ??= join(mkdtempSync(join(tmpdir(), 'rtcd-fuzz-')), 'rtcd.toml');
    writeFileSync(configPath, input);
    try {
      return (await loadConfig({ path: configPath, environment: {} })).notes;
    } catch (error) {
      if (error instanceof ConfigError) return new Refused(error.code);
      throw error;
    }
  },
};

/** Text formats. */
export const TEXT_TARGETS: readonly FuzzTarget[] = [SDP, BODY, AUTHORIZATION, CONFIG];
