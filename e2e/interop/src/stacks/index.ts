import type { Stack } from '../stack.ts';
import { aiortc } from './aiortc.ts';
import { chromium } from './chromium.ts';
import { libdatachannel } from './libdatachannel.ts';
import { libwebrtc } from './libwebrtc.ts';
import { pion } from './pion.ts';
import { str0m } from './str0m.ts';

/** The columns of the matrix. */
export const stacks: readonly Stack[] = [chromium, aiortc, libdatachannel, libwebrtc, pion, str0m];
