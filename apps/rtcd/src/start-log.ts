import type { VersionInfo } from '@rtcd/api';
import type { Logger } from '@rtcd/boundary';
import type { Config } from './config/settings.ts';
import { formatEndpoint } from './endpoint.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import { settingsWithoutEffect } from './sfu.ts';

/** Tells a person what is running now, where, and with which doors open. */
export function logStart(logger: Logger, config: Config, version: VersionInfo, addresses: ServiceAddresses): void {
  const { http, url, media, candidates } = addresses;
  const { security } = config.api;
  logger.info(version, 'rtcd started');
  logger.info(
    { address: http.address, port: http.port, url, tls: config.api.http.tls.enable },
    'listening for clients',
  );
  logger.info(
    { admin: security.enable_admin, selfRegistration: security.allow_self_registration },
    'client registration',
  );
  if (!security.enable_admin && !security.allow_self_registration) {
    logger.warn(
      {},
      'no client can register: set api.security.allow_self_registration to true, ' +
        'or api.security.enable_admin to true and api.security.admin_secret_key to a secret',
    );
  }
  const [udp, tcp] = (['udp', 'tcp'] as const).map((protocol) =>
    media.filter((local) => local.protocol === protocol).map(formatEndpoint),
  );
  logger.info({ udp, tcp }, 'listening for media');
  logger.info(
    { candidates: candidates.map((candidate) => `${candidate.protocol} ${formatEndpoint(candidate)}`) },
    'advertising to peers',
  );
  const settings = settingsWithoutEffect(config);
  if (settings.length > 0) logger.warn({ settings }, 'settings without effect');
  logger.info({ dataSource: config.store.data_source }, 'registration store opened');
}
