import type { EventEmitter } from 'node:events';
import type { Sfu, SfuEvents, SfuOptions } from '@rtcd/rtc';

/** What the service needs of an SFU; tests bring a scripted one. */
export type SfuPort = EventEmitter<SfuEvents> &
  Pick<
    Sfu,
    | 'join'
    | 'leave'
    | 'receive'
    | 'resume'
    | 'session'
    | 'sessions'
    | 'hasGroup'
    | 'sessionCount'
    | 'localAddresses'
    | 'candidates'
    | 'close'
  >;

/** Makes the SFU of a service, as `createSfu` of `@rtcd/rtc` does. A rejection fails the service's start. */
export type CreateSfu = (options: SfuOptions) => Promise<SfuPort>;
