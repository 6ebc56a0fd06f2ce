import type { SfuPort } from '../sfu-port.ts';
import type { ClientLink } from './client-link.ts';
import type { Draining } from './draining.ts';
import type { SessionTable } from './session-table.ts';

/** What the handlers of client messages work on. */
export interface ControlContext {
  readonly sfu: SfuPort;
  readonly sessions: SessionTable;
  readonly link: ClientLink;
  readonly draining: Draining;
  readonly maxSessionsPerClient: number;
}
