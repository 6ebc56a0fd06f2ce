import { fileURLToPath } from 'node:url';
import { type Config, loadConfig } from 'rtcd';

const NO_FILE = fileURLToPath(new URL('no-such-file.toml', import.meta.url));

/** Settings that the service reads from an environment, and from a config file if there is one. Rejects if any value or name is wrong. */
export async function settingsOf(environment: Readonly<Record<string, string>>, path = NO_FILE): Promise<Config> {
  const { config, notes } = await loadConfig({ path, environment });
  if (notes.length > 0) throw new Error(notes.join('\n'));
  return config;
}
