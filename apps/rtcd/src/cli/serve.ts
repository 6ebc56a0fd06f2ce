import type { Logging } from '../logging/logger.ts';
import type { Service } from '../service.ts';
import { listenForEndSignals } from './signals.ts';
import { watchUnhandledErrors } from './unhandled-errors.ts';

/** Runs the service from its start until it has been asked to end, and has. */
export async function serve(service: Service, logging: Logging): Promise<void> {
  const { logger, reopen } = logging;
  const signals = listenForEndSignals();
  const unhandledErrors = watchUnhandledErrors(logging);
  const onHangup = () => {
    reopen();
    logger.info({}, 'log file reopened');
  };
  process.on('SIGHUP', onHangup);
  try {
    await service.start();
    unhandledErrors.surviveThem();
    logger.info({ signal: await signals.first }, 'shutdown requested');
    await Promise.race([service.drain(), signals.second]);
  } finally {
    await service.close();
    unhandledErrors.stop();
    process.off('SIGHUP', onHangup);
    signals.stop();
  }
}
