import { clientContract, startFakeRtcd } from '@rtcd/client/testing';
import { describe, it } from 'vitest';

clientContract({ describe, it }, startFakeRtcd);
