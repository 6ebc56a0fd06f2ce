import { IGNORED_INTERFACES_DEFAULT } from '@rtcd/rtc';
import { iceServers } from './ice-servers.ts';
import {
  flag,
  hostPortOverride,
  interfaceNames,
  ipAddresses,
  listenAddress,
  logLevel,
  mediaPort,
  nackBufferSize,
  nonEmptyText,
  nonNegativeInteger,
  optional,
  positiveInteger,
  positiveIntegerOrUnset,
  text,
} from './kinds.ts';
import { secretSetting, setting, type ValuesOf } from './setting.ts';

/** Every setting there is, in the tables of the TOML file. */
export const SETTINGS = {
  api: {
    http: {
      listen_address: setting('RTCD_API_HTTP_LISTENADDRESS', listenAddress, ':8045'),
      tls: {
        enable: setting('RTCD_API_HTTP_TLS_ENABLE', flag, false),
        cert_file: setting('RTCD_API_HTTP_TLS_CERTFILE', text, ''),
        cert_key: setting('RTCD_API_HTTP_TLS_CERTKEY', text, ''),
      },
    },
    security: {
      enable_admin: setting('RTCD_API_SECURITY_ENABLEADMIN', flag, false),
      admin_secret_key: secretSetting('RTCD_API_SECURITY_ADMINSECRETKEY', text, ''),
      allow_self_registration: setting('RTCD_API_SECURITY_ALLOWSELFREGISTRATION', flag, false),
      session_cache: {
        expiration_minutes: setting('RTCD_API_SECURITY_SESSIONCACHE_EXPIRATIONMINUTES', positiveInteger, 1440),
      },
    },
    limits: {
      connections_per_client: setting('RTCD_API_LIMITS_CONNECTIONSPERCLIENT', positiveInteger, 256),
      connections_per_address: setting('RTCD_API_LIMITS_CONNECTIONSPERADDRESS', positiveInteger, 2_000),
      sessions_per_client: setting('RTCD_API_LIMITS_SESSIONSPERCLIENT', positiveInteger, 2_500),
      cpu_percent_per_client: setting('RTCD_API_LIMITS_CPUPERCENTPERCLIENT', positiveInteger, 50),
    },
  },
  rtc: {
    ice_address_udp: setting('RTCD_RTC_ICEADDRESSUDP', ipAddresses, ''),
    ice_port_udp: setting('RTCD_RTC_ICEPORTUDP', mediaPort, 8443),
    ice_address_tcp: setting('RTCD_RTC_ICEADDRESSTCP', ipAddresses, ''),
    ice_port_tcp: setting('RTCD_RTC_ICEPORTTCP', mediaPort, 8443),
    enable_ipv6: setting('RTCD_RTC_ENABLEIPV6', flag, false),
    ice_ignored_interfaces: setting('RTCD_RTC_ICEIGNOREDINTERFACES', interfaceNames, IGNORED_INTERFACES_DEFAULT),
    ice_host_override: setting('RTCD_RTC_ICEHOSTOVERRIDE', text, ''),
    ice_host_port_override: setting('RTCD_RTC_ICEHOSTPORTOVERRIDE', hostPortOverride, ''),
    ice_servers: secretSetting('RTCD_RTC_ICESERVERS', iceServers, []),
    turn: {
      static_auth_secret: secretSetting('RTCD_RTC_TURNCONFIG_STATICAUTHSECRET', text, ''),
      credentials_expiration_minutes: setting(
        'RTCD_RTC_TURNCONFIG_CREDENTIALSEXPIRATIONMINUTES',
        positiveIntegerOrUnset,
        1440,
      ),
      relay_candidates: setting('RTCD_RTC_TURNCONFIG_RELAYCANDIDATES', flag, true),
    },
    udp_sockets_count: setting('RTCD_RTC_UDPSOCKETSCOUNT', optional(positiveInteger), undefined),
    nack_buffer_size: setting('RTCD_RTC_NACKBUFFERSIZE', nackBufferSize, 256),
    nack_disable_copy: setting('RTCD_RTC_NACKDISABLECOPY', flag, false),
    max_active_voices: setting('RTCD_RTC_MAXACTIVEVOICES', nonNegativeInteger, 0),
    drain_timeout_minutes: setting('RTCD_RTC_DRAINTIMEOUTMINUTES', nonNegativeInteger, 0),
  },
  store: {
    data_source: setting('RTCD_STORE_DATASOURCE', nonEmptyText, '/tmp/rtcd_db'),
  },
  logger: {
    enable_console: setting('RTCD_LOGGER_ENABLECONSOLE', flag, true),
    console_json: setting('RTCD_LOGGER_CONSOLEJSON', flag, false),
    console_level: setting('RTCD_LOGGER_CONSOLELEVEL', logLevel, 'INFO'),
    enable_color: setting('RTCD_LOGGER_ENABLECOLOR', flag, false),
    enable_file: setting('RTCD_LOGGER_ENABLEFILE', flag, true),
    file_json: setting('RTCD_LOGGER_FILEJSON', flag, true),
    file_level: setting('RTCD_LOGGER_FILELEVEL', logLevel, 'DEBUG'),
    file_location: setting('RTCD_LOGGER_FILELOCATION', text, 'rtcd.log'),
  },
} as const;

/** The values of all settings, under the names that the TOML file has for them. */
export type Config = ValuesOf<typeof SETTINGS>;
