import type { Stack } from '../stack.ts';
import { aiortc } from './aiortc.ts';
import { chromium } from './chromium.ts';
import { firefox } from './firefox.ts';
import { libdatachannel } from './libdatachannel.ts';
import { libwebrtc } from './libwebrtc.ts';
import { pion } from './pion.ts';
import { str0m } from './str0m.ts';
import { webrtcRs } from './webrtc-rs.ts';

/** The columns of the matrix. */
export const stacks: readonly Stack[] = [chromium, firefox, libwebrtc, pion, str0m, webrtcRs, aiortc, libdatachannel];
