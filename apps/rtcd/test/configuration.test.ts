import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listSettings } from '../src/config/setting.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { type Config, defaultConfig, loadConfig } from '../src/index.ts';

/** Name in the file, environment variable, default, a good text for the environment and its value, a bad text. */
const CONTRACT: Array<
  [name: string, variable: string, byDefault: unknown, text: string, value: unknown, badText?: string]
> = [
  ['api.http.listen_address', 'RTCD_API_HTTP_LISTENADDRESS', ':8045', '1.2.3.4:80', '1.2.3.4:80', '8045'],
  ['api.http.tls.enable', 'RTCD_API_HTTP_TLS_ENABLE', false, '0', false, 'yes'],
  ['api.http.tls.cert_file', 'RTCD_API_HTTP_TLS_CERTFILE', '', 'a.crt', 'a.crt'],
  ['api.http.tls.cert_key', 'RTCD_API_HTTP_TLS_CERTKEY', '', 'a.key', 'a.key'],
  ['api.security.enable_admin', 'RTCD_API_SECURITY_ENABLEADMIN', false, 'f', false, ''],
  ['api.security.admin_secret_key', 'RTCD_API_SECURITY_ADMINSECRETKEY', '', 'secret', 'secret'],
  ['api.security.allow_self_registration', 'RTCD_API_SECURITY_ALLOWSELFREGISTRATION', false, 'true', true, '2'],
  [
    'api.security.session_cache.expiration_minutes',
    'RTCD_API_SECURITY_SESSIONCACHE_EXPIRATIONMINUTES',
    1440,
    '5',
    5,
    '0',
  ],
  ['rtc.ice_address_udp', 'RTCD_RTC_ICEADDRESSUDP', '', '10.0.0.1, ::1', '10.0.0.1, ::1', 'localhost'],
  ['rtc.ice_port_udp', 'RTCD_RTC_ICEPORTUDP', 8443, '80', 80, '79'],
  ['rtc.ice_address_tcp', 'RTCD_RTC_ICEADDRESSTCP', '', '10.0.0.1', '10.0.0.1', '10.0.0.1,'],
  ['rtc.ice_port_tcp', 'RTCD_RTC_ICEPORTTCP', 8443, '49151', 49_151, '49152'],
  ['rtc.enable_ipv6', 'RTCD_RTC_ENABLEIPV6', false, 'TRUE', true, 'TrUe'],
  ['rtc.ice_host_override', 'RTCD_RTC_ICEHOSTOVERRIDE', '', '1.2.3.4/10.0.0.1', '1.2.3.4/10.0.0.1'],
  [
    'rtc.ice_host_port_override',
    'RTCD_RTC_ICEHOSTPORTOVERRIDE',
    '',
    '10.0.0.1/80,10.0.0.2/81',
    '10.0.0.1/80,10.0.0.2/81',
    '10.0.0.1/80,10.0.0.1/81',
  ],
  ['rtc.ice_servers', 'RTCD_RTC_ICESERVERS', [], '["stun:a:3478"]', [{ urls: ['stun:a:3478'] }], 'stun:a:3478'],
  ['rtc.turn.static_auth_secret', 'RTCD_RTC_TURNCONFIG_STATICAUTHSECRET', '', 'secret', 'secret'],
  ['rtc.turn.credentials_expiration_minutes', 'RTCD_RTC_TURNCONFIG_CREDENTIALSEXPIRATIONMINUTES', 1440, '1', 1, '1.5'],
  ['rtc.udp_sockets_count', 'RTCD_RTC_UDPSOCKETSCOUNT', undefined, '4', 4, '0'],
  ['rtc.nack_buffer_size', 'RTCD_RTC_NACKBUFFERSIZE', 256, '8192', 8192, '100'],
  ['rtc.nack_disable_copy', 'RTCD_RTC_NACKDISABLECOPY', false, '1', true, 'on'],
  ['store.data_source', 'RTCD_STORE_DATASOURCE', '/tmp/rtcd_db', '/data', '/data', ''],
  ['logger.enable_console', 'RTCD_LOGGER_ENABLECONSOLE', true, 'False', false, 'no'],
  ['logger.console_json', 'RTCD_LOGGER_CONSOLEJSON', false, 'T', true, 'no'],
  ['logger.console_level', 'RTCD_LOGGER_CONSOLELEVEL', 'INFO', 'warn', 'WARN', 'LOUD'],
  ['logger.enable_color', 'RTCD_LOGGER_ENABLECOLOR', false, 't', true, 'no'],
  ['logger.enable_file', 'RTCD_LOGGER_ENABLEFILE', true, 'F', false, 'no'],
  ['logger.file_json', 'RTCD_LOGGER_FILEJSON', true, 'FALSE', false, 'no'],
  ['logger.file_level', 'RTCD_LOGGER_FILELEVEL', 'DEBUG', 'ERROR', 'ERROR', ''],
  ['logger.file_location', 'RTCD_LOGGER_FILELOCATION', 'rtcd.log', '/var/log/rtcd.log', '/var/log/rtcd.log'],
];

/** Settings that the contract does not have. */
const OURS = [
  'api.limits.connections_per_client',
  'api.limits.connections_per_address',
  'api.limits.sessions_per_client',
  'api.limits.cpu_percent_per_client',
  'rtc.ice_ignored_interfaces',
  'rtc.max_active_voices',
  'rtc.turn.relay_candidates',
  'rtc.drain_timeout_minutes',
];

function at(config: Config, name: string): unknown {
  return name.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], config);
}

async function temporaryFile(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'config.toml');
  await writeFile(path, content);
  return path;
}

const fromEnvironment = (environment: Record<string, string>) => loadConfig({ path: '/no/such/file', environment });
const fromFile = async (content: string) => loadConfig({ path: await temporaryFile(content), environment: {} });

it('has every setting of the contract under its name, and few additional ones', () => {
  const names = [...listSettings(SETTINGS)].map(([name, { environment }]) => [name, environment]);
  const contract = CONTRACT.map(([name, variable]) => [name, variable]);
  expect(names.filter(([name]) => !OURS.includes(name!)).sort()).toEqual(contract.toSorted());
});

describe.each(CONTRACT)('%s, %s', (name, variable, byDefault, text, value) => {
  it('has the default of the contract', () => {
    expect(at(defaultConfig(), name)).toEqual(byDefault);
  });

  it('is overridden by its environment variable', async () => {
    const { config } = await fromEnvironment({ [variable]: text });
    expect(at(config, name)).toEqual(value);
  });
});

it.each(
  CONTRACT.flatMap(([name, variable, , , , badText]) => (badText === undefined ? [] : [[name, variable, badText]])),
)('%s: refuses %s=%j with its name and the origin of the value', async (name, variable, badText) => {
  await expect(fromEnvironment({ [variable!]: badText! })).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringMatching(
      new RegExp(
        `^invalid configuration: ${name!.replaceAll('.', '\\.')}.* \\(from the environment variable ${variable}\\): should `,
      ),
    ),
  });
});

it.each([
  ['16', false],
  ['32', true],
  ['8192', true],
  ['16384', false],
])('rtc.nack_buffer_size is a power of two from 32 to 8192: %s', async (text, isValid) => {
  const error = await fromEnvironment({ RTCD_RTC_NACKBUFFERSIZE: text }).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  expect(error).toEqual(isValid ? undefined : expect.stringContaining('should be a power of two from 32 to 8192'));
});

describe('the file', () => {
  it('is read in its tables, with dotted keys too, and is overridden by the environment', async () => {
    const path = await temporaryFile(`
      [api]
      http.listen_address = ":80"
      [rtc]
      ice_port_udp = 9000
      ice_host_port_override = 8443
      ice_servers = ["stun:a:3478", { urls = ["turn:b:3478"], username = "u", credential = "c" }]
      turn.static_auth_secret = "s"
      [logger]
      console_level = "debug"
    `);
    const { config, hasFile, notes } = await loadConfig({ path, environment: { RTCD_RTC_ICEPORTUDP: '9001' } });
    expect({ hasFile, notes }).toEqual({ hasFile: true, notes: [] });
    expect(config.api.http.listen_address).toBe(':80');
    expect(config.logger.console_level).toBe('DEBUG');
    expect(config.rtc).toMatchObject({
      ice_port_udp: 9001,
      ice_host_port_override: '8443',
      ice_servers: [{ urls: ['stun:a:3478'] }, { urls: ['turn:b:3478'], username: 'u', credential: 'c' }],
      turn: { static_auth_secret: 's', credentials_expiration_minutes: 1440 },
    });
  });

  it('may be missing: everything has its default, and the caller is informed', async () => {
    expect(await fromEnvironment({})).toEqual({ config: defaultConfig(), hasFile: false, notes: [] });
  });

  it('is refused with the position if it is not TOML', async () => {
    await expect(fromFile('[api]\nhttp = = 1')).rejects.toMatchObject({
      code: 'unreadable_file',
      message: expect.stringMatching(/^the config file .*config\.toml is not valid TOML, line 2, column \d+: [^\n]+$/),
    });
  });

  it('is refused if it cannot be read', async () => {
    await expect(loadConfig({ path: tmpdir(), environment: {} })).rejects.toMatchObject({
      code: 'unreadable_file',
      message: expect.stringContaining(`cannot read the config file ${tmpdir()}`),
    });
  });

  it.each([
    [
      'a wrong type',
      '[rtc]\nice_port_udp = "8443"',
      /rtc\.ice_port_udp is "8443" \(from .*config\.toml\): should be a port from 80 to 49151$/,
    ],
    ['a value in place of a table', 'api = 1', /api should be a table \(in .*config\.toml\)$/],
    [
      'a table in place of a value',
      '[rtc.enable_ipv6]',
      /rtc\.enable_ipv6 is \{\} \(from .*\): should be true or false$/,
    ],
    [
      'an ICE server without URLs',
      '[[rtc.ice_servers]]\nurls = []',
      /rtc\.ice_servers \(from .*\): should be a list of STUN and TURN URLs/,
    ],
    [
      'an ICE server of another kind',
      '[rtc]\nice_servers = ["https://a"]',
      /rtc\.ice_servers \(from .*\): should be a list/,
    ],
    [
      'an ICE server that is STUN and TURN',
      '[[rtc.ice_servers]]\nurls = ["stun:a", "turn:a"]',
      /rtc\.ice_servers \(from .*\): should be .*all of STUN servers or all of TURN servers/,
    ],
    [
      'a setting in two spellings',
      '[rtc]\nenable_ipv6 = true\nEnable_IPv6 = false',
      /rtc\.enable_ipv6 is set twice, in different case \(in .*config\.toml\)$/,
    ],
  ])('is refused for %s', async (_, content, message) => {
    await expect(fromFile(content)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });

  it('reports all mistakes at once', async () => {
    await expect(fromFile('[rtc]\nice_port_udp = 1\nice_port_tcp = 2')).rejects.toThrow(
      /rtc\.ice_port_udp is 1 .*; rtc\.ice_port_tcp is 2 /,
    );
  });

  it('is read with keys in any case', async () => {
    const { config, notes } = await fromFile(`
      [RTC]
      ICE_Port_UDP = 9000
      ice_servers = [{ URLs = ["turn:b:3478"], Username = "u", CREDENTIAL = "c" }]
      [RTC.Turn]
      Static_Auth_Secret = "s"
      [rtc]
      Enable_IPv6 = true
    `);
    expect(notes).toEqual([]);
    expect(config.rtc).toMatchObject({
      ice_port_udp: 9000,
      ice_servers: [{ urls: ['turn:b:3478'], username: 'u', credential: 'c' }],
      turn: { static_auth_secret: 's' },
      enable_ipv6: true,
    });
  });

  it('is read with integers in all spellings of TOML, and with a byte order mark in front', async () => {
    const { config } = await fromFile('\u{feff}[rtc]\nice_port_udp = 0x1F90\nnack_buffer_size = 1_024');
    expect(config.rtc).toMatchObject({ ice_port_udp: 8080, nack_buffer_size: 1024 });
  });

  it('causes a log line for unknown keys of an ICE server', async () => {
    const path = await temporaryFile('[[rtc.ice_servers]]\nurls = ["stun:a"]\nusername = "u"\nuser = "u"');
    const { config, notes } = await loadConfig({ path, environment: {} });
    expect(config.rtc.ice_servers).toEqual([{ urls: ['stun:a'], username: 'u' }]);
    expect(notes).toEqual([`rtc.ice_servers (from ${path}): user in entry 1 is not known: ignored`]);
  });

  it('causes a log line for unknown settings', async () => {
    const path = await temporaryFile('[rtc]\nice_port = 1\n[logging]\nlevel = 1');
    const { notes } = await loadConfig({ path, environment: { RTCD_RTC_ICEPORT: '1', PATH: '/bin' } });
    expect(notes).toEqual([
      `rtc.ice_port in ${path} is not a setting: ignored`,
      `logging in ${path} is not a setting: ignored`,
      'the environment variable RTCD_RTC_ICEPORT is not a setting: ignored',
    ]);
  });
});

describe('0 where it means that nothing is set', () => {
  it('is the default', async () => {
    const { config } = await fromFile('[rtc]\nnack_buffer_size = 0\nturn.credentials_expiration_minutes = 0');
    expect(config.rtc).toMatchObject({ nack_buffer_size: 256, turn: { credentials_expiration_minutes: 1440 } });
    const { config: other } = await fromEnvironment({
      RTCD_RTC_NACKBUFFERSIZE: '0',
      RTCD_RTC_TURNCONFIG_CREDENTIALSEXPIRATIONMINUTES: '0',
    });
    expect(other.rtc).toEqual(config.rtc);
  });
});

it('reads integers in the environment as Go does', async () => {
  const { config } = await fromEnvironment({ RTCD_RTC_ICEPORTUDP: '0x1F90', RTCD_RTC_NACKBUFFERSIZE: '1_024' });
  expect(config.rtc).toMatchObject({ ice_port_udp: 8080, nack_buffer_size: 1024 });
});

describe('settings that do not fit together', () => {
  it.each([
    [
      { RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: 's', RTCD_RTC_TURNCONFIG_CREDENTIALSEXPIRATIONMINUTES: '0' },
      'rtc.turn.credentials_expiration_minutes (from the environment variable RTCD_RTC_TURNCONFIG_CREDENTIALSEXPIRATIONMINUTES): should be a positive number when',
    ],
    [
      { RTCD_API_SECURITY_ENABLEADMIN: 'true' },
      'api.security.admin_secret_key (from the defaults): should not be empty when',
    ],
    [
      { RTCD_API_HTTP_TLS_ENABLE: 'true', RTCD_API_HTTP_TLS_CERTKEY: 'k' },
      'api.http.tls.cert_file (from the defaults): should not be empty when',
    ],
    [
      { RTCD_API_HTTP_TLS_ENABLE: 'true', RTCD_API_HTTP_TLS_CERTFILE: 'c' },
      'api.http.tls.cert_key (from the defaults): should not be empty when',
    ],
    [
      { RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: 's', RTCD_RTC_TURNCONFIG_CREDENTIALSEXPIRATIONMINUTES: '10080' },
      'rtc.turn.credentials_expiration_minutes (from the environment variable RTCD_RTC_TURNCONFIG_CREDENTIALSEXPIRATIONMINUTES): should be less than a week',
    ],
    [
      { RTCD_LOGGER_FILELOCATION: '' },
      'logger.file_location (from the environment variable RTCD_LOGGER_FILELOCATION): should not be empty when',
    ],
  ])('%j', async (environment, message) => {
    await expect(fromEnvironment(environment)).rejects.toThrow(message);
  });
});

it('shows no secret in its message', async () => {
  const environment = {
    RTCD_RTC_ICESERVERS: '[{"urls":["turn:a"],"credential":"a-secret"}, 5]',
    RTCD_API_SECURITY_ENABLEADMIN: 'a-mistake',
  };
  const error = await fromEnvironment(environment).catch((reason) => reason);
  expect(error.message).toContain('rtc.ice_servers (from');
  expect(error.message).not.toContain('a-secret');
});
