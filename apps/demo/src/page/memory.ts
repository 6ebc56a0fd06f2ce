import type { VideoOptions } from './video-sender.ts';

/** The last join of this tab, remembered so that it can be repeated after a reload. */
export interface RememberedJoin {
  readonly name: string;
  readonly room: string;
  readonly withMicrophone: boolean;
  readonly video: VideoOptions;
}

const nameKey = 'rtcd-demo.name';
const joinKey = 'rtcd-demo.join';

export const rememberedName = (): string => localStorage.getItem(nameKey) ?? '';

/** Keeps the name for every later visit, and the join until `forgetJoin` or the end of the tab. */
export function rememberJoin(join: RememberedJoin): void {
  localStorage.setItem(nameKey, join.name);
  sessionStorage.setItem(joinKey, JSON.stringify(join));
}

export function forgetJoin(): void {
  sessionStorage.removeItem(joinKey);
}

/** The call that this tab was in when it was reloaded, if any. */
export function interruptedJoin(): RememberedJoin | undefined {
  const text = sessionStorage.getItem(joinKey);
  return text === null ? undefined : (JSON.parse(text) as RememberedJoin);
}
