import { silentLogger } from './ports.ts';
import { openEngine } from './sfu/open-engine.ts';
import { checkSfuOptions, MAX_SESSIONS_DEFAULT, type SfuOptions } from './sfu/sfu-options.ts';
import { Sfu } from './sfu.ts';

/**
 * Opens the sockets of an SFU and starts it. Rejects with `RtcError` 'invalid_option' for what cannot be meant, and with `PacketIoError`
 * 'address_in_use' and its like for what the machine refuses.
 */
export async function openSfu(options: SfuOptions = {}): Promise<Sfu> {
  checkSfuOptions(options);
  const { maxSessions = MAX_SESSIONS_DEFAULT, logger = silentLogger } = options;
  return Sfu.open((onEvent) => openEngine(options, onEvent), { maxSessions, logger });
}
