import type { FuzzTarget } from '../target.ts';
import { FRAMES } from './frames.ts';
import { MEDIA_TARGETS } from './media.ts';
import { PROTOCOL_TARGETS } from './protocol.ts';
import { SCTP_TARGETS } from './sctp.ts';
import { TEXT_TARGETS } from './text.ts';
import { TRANSPORT_TARGETS } from './transport.ts';

/** All parsers. */
export const TARGETS: readonly FuzzTarget[] = [
  FRAMES,
  ...TRANSPORT_TARGETS,
  ...SCTP_TARGETS,
  ...MEDIA_TARGETS,
  ...PROTOCOL_TARGETS,
  ...TEXT_TARGETS,
];
