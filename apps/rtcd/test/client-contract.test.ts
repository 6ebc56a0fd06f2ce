import { clientContract } from '@rtcd/client/testing';
import { describe, it } from 'vitest';
import { startRtcd } from '../src/testing/index.ts';

// @rtcd/client runs the same suite against its in-memory fake: plugin authors may trust that one as far as this goes.
clientContract({ describe, it }, startRtcd);
