import type { NetworkProbe } from '@rtcd/rtc';
import { explainBindError } from '../bind-error.ts';
import type { Finding } from '../finding.ts';

/** Findings about the sockets for media, of UDP and TCP. A running rtcd has them already. */
export function checkMediaPorts({ bindError }: Pick<NetworkProbe, 'bindError'>, isRunning: boolean): Finding[] {
  if (bindError === undefined) return [ok('The media ports can be bound.')];
  if (isRunning && bindError.code === 'address_in_use') {
    return [ok('The media ports are in use, as they should be while rtcd is running.')];
  }
  const { advice } = explainBindError(bindError.code, 'the address and port settings of [rtc]');
  return [{ check: 'media', level: 'error', message: `rtcd ${bindError.message}.`, advice }];
}

const ok = (message: string): Finding => ({ check: 'media', level: 'ok', message });
