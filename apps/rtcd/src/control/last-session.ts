import type { SfuPort } from '../sfu-port.ts';

/** Resolves when the SFU has no session left, or after the limit; 0 is no limit. Says whether none is left. */
export function waitForLastSession(sfu: SfuPort, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      sfu.off('sessionClosed', check);
      resolve(sfu.sessionCount === 0);
    };
    const check = () => {
      if (sfu.sessionCount === 0) {
        end();
      }
    };
    const timer = limitMs > 0 ? setTimeout(end, limitMs) : undefined;
    sfu.on('sessionClosed', check);
    check();
  });
}
