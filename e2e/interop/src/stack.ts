import type { Host } from '../../src/network/host.ts';
import type { PeerProgram } from './peer-program.ts';
import type { VoiceScenarioName } from './scenarios.ts';
import type { VideoScenarioName } from './video-scenarios.ts';

/** A row of a matrix. */
export type ScenarioName = VoiceScenarioName | VideoScenarioName;

/** A WebRTC stack that takes part in the matrix. */
export interface Stack {
  /** In the matrix and in test names: `pion`, `aiortc`. */
  readonly name: string;
  /** A description for docs/interop.md: language, package, typical users. */
  readonly about: string;
  /** Scenarios that the stack cannot do by its own documentation or code, with the reason in words. */
  readonly limits: Readonly<Partial<Record<ScenarioName, string>>>;
  /** Its program takes `publishVideo` and reports `seen`. */
  readonly hasVideo: boolean;
  /** Each scenario gets a program of its own, since the stack hangs in a process that has seen many connections. */
  readonly hasProgramPerScenario?: true;
  /** Other properties that users of the stack should know. */
  readonly notes: readonly string[];
  /** Says what is missing on this machine (a toolchain, a browser), or nothing. */
  missing(): Promise<string | undefined>;
  /** Builds or installs what its program needs, unless that is there already. */
  build?(): Promise<unknown>;
  /** Builds what is to be built and starts the program. */
  start(): Promise<StartedStack>;
}

/** A browser as a stack. It runs on this machine, or on a host of a network of namespaces. */
export interface BrowserStack extends Stack {
  start(host?: Host): Promise<StartedStack>;
}

export interface StartedStack {
  readonly program: PeerProgram;
  /** Version of the stack as run. */
  readonly version: string;
}
