import type { Logging } from '../logging/logger.ts';
import type { Service } from '../service.ts';
import { listenForEndSignals } from './signals.ts';

/** Runs the service from its start until it has been asked to end, and has. */
export async function serve(service: Service, { logger, flush, reopen }: Logging): Promise<void> {
  const signals = listenForEndSignals();
  const onBug = (error: Error) => {
    logger.error({ err: error }, 'bug: rtcd cannot go on');
    flush();
    process.stderr.write(`rtcd: ${error.stack ?? error.message}\n`);
    process.exit(1);
  };
  const onHangup = () => {
    reopen();
    logger.info({}, 'log file reopened');
  };
  process.on('uncaughtException', onBug);
  process.on('SIGHUP', onHangup);
  try {
    await service.start();
    logger.info({ signal: await signals.first }, 'asked to end');
    await Promise.race([service.drain(), signals.second]);
  } finally {
    await service.close();
    process.off('uncaughtException', onBug);
    process.off('SIGHUP', onHangup);
    signals.stop();
  }
}
