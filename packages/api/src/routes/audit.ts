import type { Logger } from '@rtcd/boundary';
import { describeForClient } from '../errors.ts';
import { jsonResponse } from '../responses.ts';
import { type ApiContext, remoteAddress } from './context.ts';

/** Successful response of an audited route. */
export interface AuditedAnswer {
  readonly status: 200 | 201;
  readonly fields: Readonly<Record<string, string>>;
}

/** Collects fields for the log line of a request. Never secrets. */
export interface AuditTrail {
  clientID?: string;
}

/**
 * Wraps a route whose answers have the audit form: `{"code":"<status>", ...}`, with `"error"` on failure. Every request
 * leaves one line in the log with the address it came from.
 */
export function audited(
  action: string,
  logger: Logger,
  work: (c: ApiContext, trail: AuditTrail) => Promise<AuditedAnswer>,
): (c: ApiContext) => Promise<Response> {
  return async (c) => {
    const trail: AuditTrail = {};
    const origin = { action, remoteAddress: remoteAddress(c), method: c.req.method, path: c.req.path };
    try {
      const { status, fields } = await work(c, trail);
      logger.debug({ ...origin, ...trail, code: status }, 'request completed');
      return jsonResponse({ ...fields, code: String(status) }, status);
    } catch (error) {
      const { status, message } = describeForClient(error);
      if (status === 500) {
        logger.error({ ...origin, ...trail, code: status, err: error }, 'request failed');
      } else {
        logger.warn({ ...origin, ...trail, code: status, error: message }, 'request refused');
      }
      return jsonResponse({ code: String(status), error: message }, status);
    }
  };
}
