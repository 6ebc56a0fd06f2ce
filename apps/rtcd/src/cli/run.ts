import { DEFAULT_CONFIG_PATH, loadConfig } from '../config/load.ts';
import { examine } from '../doctor/doctor.ts';
import { exitCodeOf } from '../doctor/finding.ts';
import { formatReport } from '../doctor/format-report.ts';
import { openLogging } from '../logging/logger.ts';
import { createService } from '../service.ts';
import { readVersion } from '../version.ts';
import { parseArguments, USAGE } from './arguments.ts';
import { explainFailure } from './failure.ts';
import { serve } from './serve.ts';

/** The whole life of the process. Resolves with its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const command = parseArguments(args);
    switch (command.action) {
      case 'help':
        process.stdout.write(USAGE);
        break;
      case 'version': {
        const { buildVersion, goVersion } = readVersion();
        process.stdout.write(`rtcd ${buildVersion} (${goVersion})\n`);
        break;
      }
      case 'run':
        await runService(command.configPath);
        break;
      case 'doctor': {
        const report = await examine(command, process.env);
        process.stdout.write(command.json ? `${JSON.stringify(report, undefined, 2)}\n` : formatReport(report));
        return exitCodeOf(report.level);
      }
      default:
        command satisfies never;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`rtcd: ${explainFailure(error)}\n`);
    // The doctor's 1 means that there are warnings.
    return args[0] === 'doctor' ? 2 : 1;
  }
}

async function runService(configPath: string): Promise<void> {
  const { config, hasFile, notes } = await loadConfig({ path: configPath, environment: process.env });
  const logging = await openLogging(config.logger);
  try {
    if (!hasFile) {
      // Nothing to worry about unless the file was asked for.
      const level = configPath === DEFAULT_CONFIG_PATH ? 'info' : 'warn';
      logging.logger[level]({}, `no config file at ${configPath}: defaults and environment variables used`);
    }
    for (const note of notes) logging.logger.warn({}, note);
    await serve(createService(config, { logger: logging.logger }), logging);
  } finally {
    await logging.close();
  }
}
