import { RtcError } from '@rtcd/rtc';
import { DEFAULT_CONFIG_PATH, type LoadedConfig } from '../../config/load.ts';
import { ConfigError } from '../../errors.ts';
import { settingsWithoutEffect } from '../../sfu.ts';
import type { Finding } from '../finding.ts';

/** Notes about a valid configuration: parts of it that do nothing, and the lack of any way to register. */
export function checkConfig({ config, hasFile, notes }: LoadedConfig, path: string): Finding[] {
  const findings: Finding[] = [];
  if (!hasFile && path !== DEFAULT_CONFIG_PATH) {
    findings.push({
      check: 'config',
      level: 'warning',
      message: `There is no config file at ${path}: defaults and environment variables are used.`,
      advice: 'Check the path after --config.',
    });
  }
  for (const note of notes) {
    findings.push({
      check: 'config',
      level: 'warning',
      message: `${note}.`,
      advice: 'Correct its name, as in config.sample.toml, or remove it.',
    });
  }
  const unused = settingsWithoutEffect(config);
  if (unused.length > 0) {
    findings.push({ check: 'config', level: 'note', message: `Settings without effect: ${unused.join(', ')}.` });
  }
  const { enable_admin, allow_self_registration } = config.api.security;
  if (!enable_admin && !allow_self_registration) {
    findings.push({
      check: 'config',
      level: 'warning',
      message: 'No client can register.',
      advice:
        'Set api.security.allow_self_registration, or api.security.enable_admin and api.security.admin_secret_key.',
    });
  }
  const isFine = findings.every(({ level }) => level === 'note');
  return isFine ? [{ check: 'config', level: 'ok', message: 'The configuration is valid.' }, ...findings] : findings;
}

/** The finding for a configuration that rtcd does not start with. Throws again what is no such error. */
export function explainInvalidConfig(error: unknown): Finding {
  if (!(error instanceof ConfigError || (error instanceof RtcError && error.code === 'invalid_option'))) throw error;
  return {
    check: 'config',
    level: 'error',
    message: `rtcd does not start: ${error.message}.`,
    advice: 'Correct the value that is named. Nothing that depends on the configuration was examined.',
  };
}
