import type { NetworkProbe } from '@rtcd/rtc';
import type { Finding } from '../finding.ts';

/** Findings about the kernel's buffers of the media sockets. */
export function checkBuffers({ smallBuffers, bindError, addresses }: NetworkProbe): Finding[] {
  if (smallBuffers !== undefined) {
    const { receiveBytes, sendBytes } = smallBuffers;
    return [
      {
        check: 'buffers',
        level: 'warning',
        message: `The kernel grants socket buffers of ${inKiB(receiveBytes)} for receiving and ${inKiB(sendBytes)} for sending, instead of 16 MiB.`,
        advice:
          'Run "sysctl --write net.core.rmem_max=16777216 net.core.wmem_max=16777216" on the host, and keep the settings in /etc/sysctl.d.',
      },
    ];
  }
  // Without a single socket, there is no size to report.
  if (bindError !== undefined && addresses.every(({ socket }) => socket === undefined)) return [];
  return [{ check: 'buffers', level: 'ok', message: 'The kernel grants socket buffers of 16 MiB.' }];
}

const inKiB = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;
