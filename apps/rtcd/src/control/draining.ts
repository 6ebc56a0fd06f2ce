import type { SfuLike } from '../sfu.ts';

/** State of draining: running calls continue until their last session ends, new ones are refused. */
export interface Draining {
  readonly hasBegun: boolean;
  begin(): void;
}

export function createDraining(): Draining {
  let hasBegun = false;
  return {
    get hasBegun() {
      return hasBegun;
    },
    begin() {
      hasBegun = true;
    },
  };
}

/** Resolves when the SFU has no session left, or after the limit; 0 is no limit. Says whether none is left. */
export function waitForLastSession(sfu: SfuLike, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      sfu.off('sessionClosed', check);
      resolve(sfu.sessionCount === 0);
    };
    const check = () => {
      if (sfu.sessionCount === 0) end();
    };
    const timer = limitMs > 0 ? setTimeout(end, limitMs) : undefined;
    sfu.on('sessionClosed', check);
    check();
  });
}
