import type { BrowserStack } from '../../interop/src/stack.ts';
import { chromium } from '../../interop/src/stacks/chromium.ts';
import { firefox } from '../../interop/src/stacks/firefox.ts';
import { BrowserCallers } from './browser-callers.ts';
import type { CallNetwork } from './call-network.ts';
import type { Callers } from './callers.ts';
import { HeadlessCallers } from './headless-callers.ts';
import type { Host } from './host.ts';

const inBrowser = (stack: BrowserStack) => (network: CallNetwork, host: Host) =>
  BrowserCallers.start(network, host, stack);

/** Kinds of participants, in the order of the columns in docs/networks.md. */
export const KINDS = {
  Headless: (network: CallNetwork, host: Host) => HeadlessCallers.start(network, host),
  Chromium: inBrowser(chromium),
  Firefox: inBrowser(firefox),
} as const satisfies Record<string, (network: CallNetwork, host: Host) => Promise<Callers>>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];
