import type { ClientMessage } from '@rtcd/protocol';
import type { Sender } from './connections.ts';
import type { ControlContext } from './context.ts';
import { ControlError } from './errors.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import { reconnect } from './reconnect.ts';
import { rtc } from './rtc.ts';

/** Does what a client's message asks for. Throws if that is refused. */
export function dispatch(context: ControlContext, sender: Sender, message: ClientMessage): void {
  switch (message.type) {
    case 'join':
      return join(context, sender, message.data);
    case 'leave':
      return leave(context, sender, message.data);
    case 'reconnect':
      return reconnect(context, sender, message.data);
    case 'rtc':
      return rtc(context, sender, message.data);
    case 'hello':
    case 'close':
    case 'vad':
      throw new ControlError('unexpected_message', `${message.type} is not for clients to send`);
    default:
      message satisfies never;
  }
}
