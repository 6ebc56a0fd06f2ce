import type { Logger } from '@rtcd/boundary';

/** Lines of the log that only a bug writes. */
const BUGS = ['internal error', 'listener failed', 'unhandled'];

/** Rules that were broken in an episode. */
export class Findings {
  readonly texts: string[] = [];

  add(text: string): void {
    this.texts.push(text);
  }

  /** Every refusal has to say why. */
  refused(what: string, reason: unknown): void {
    if (typeof reason !== 'string' || reason.trim() === '') this.add(`${what}: refused without a reason`);
  }

  /** Looks at each line on its way to `logger`. */
  watch(logger: Logger): Logger {
    return {
      debug: (fields, message) => logger.debug(fields, message),
      info: (fields, message) => logger.info(fields, message),
      warn: (fields, message) => {
        if (message.endsWith('refused')) this.refused(`"${message}"`, 'reason' in fields ? fields.reason : undefined);
        logger.warn(fields, message);
      },
      error: (fields, message) => {
        if (BUGS.some((bug) => message.startsWith(bug))) this.add(`"${message}" in the log: ${textOf(fields)}`);
        logger.error(fields, message);
      },
      child: (fields) => this.watch(logger.child(fields)),
    };
  }
}

const textOf = (fields: object) =>
  'err' in fields && fields.err instanceof Error ? (fields.err.stack ?? fields.err.message) : JSON.stringify(fields);
