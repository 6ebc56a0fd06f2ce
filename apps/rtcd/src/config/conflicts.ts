import type { Config } from './settings.ts';

export interface Conflict {
  /** The setting to change. */
  readonly name: string;
  readonly reason: string;
}

/** TURN credentials are meant to be short-lived: less than a week. */
const MAX_CREDENTIALS_MINUTES = 7 * 24 * 60;

/** Settings that are right one by one but not together. */
export function conflicts({ api, rtc, logger }: Config): readonly Conflict[] {
  const rules: ReadonlyArray<Conflict & { readonly broken: boolean }> = [
    {
      name: 'api.security.admin_secret_key',
      broken: api.security.enable_admin && api.security.admin_secret_key === '',
      reason: 'should not be empty when api.security.enable_admin is true',
    },
    {
      name: 'api.http.tls.cert_file',
      broken: api.http.tls.enable && api.http.tls.cert_file === '',
      reason: 'should not be empty when api.http.tls.enable is true',
    },
    {
      name: 'api.http.tls.cert_key',
      broken: api.http.tls.enable && api.http.tls.cert_key === '',
      reason: 'should not be empty when api.http.tls.enable is true',
    },
    {
      name: 'rtc.turn.credentials_expiration_minutes',
      broken: rtc.turn.static_auth_secret !== '' && rtc.turn.credentials_expiration_minutes === 0,
      reason: 'should be a positive number when rtc.turn.static_auth_secret is set',
    },
    {
      name: 'rtc.turn.credentials_expiration_minutes',
      broken: rtc.turn.static_auth_secret !== '' && rtc.turn.credentials_expiration_minutes >= MAX_CREDENTIALS_MINUTES,
      reason: 'should be less than a week, 10080 minutes',
    },
    {
      name: 'logger.file_location',
      broken: logger.enable_file && logger.file_location === '',
      reason: 'should not be empty when logger.enable_file is true',
    },
  ];
  return rules.filter(({ broken }) => broken);
}
