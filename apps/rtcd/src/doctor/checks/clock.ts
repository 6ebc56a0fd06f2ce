import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { textOf } from '@rtcd/boundary';
import type { Finding } from '../finding.ts';

const ANSWER_LIMIT_MS = 5_000;
/** HTTP dates have whole seconds, and two clocks that are kept by NTP differ by less than one. */
const WARNING_MS = 10_000;
/** TURN servers and certificates tolerate some minutes at most. */
const ERROR_MS = 5 * 60_000;

const ADVICE = 'Start a time service, such as systemd-timesyncd or chrony, on the host.';

/**
 * Compares the clock with that of an HTTP server. Without one, asks systemd whether a time service keeps the clock. Node can ask neither the kernel nor an
 * NTP server.
 */
export async function checkClock(peer: string | undefined): Promise<Finding[]> {
  return [peer === undefined ? await askSystemd() : await compareWith(peer)];
}

async function compareWith(peer: string): Promise<Finding> {
  const url = new URL(peer);
  // Not needed for a date, and `fetch` would show them in its error.
  url.username = '';
  url.password = '';
  const { host } = url;
  try {
    const askedMs = Date.now();
    const response = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      headers: { 'cache-control': 'no-cache' },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const answeredMs = Date.now();
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(dateMs)) {
      return { check: 'clock', level: 'note', message: `The clock was not compared: ${host} sends no Date.` };
    }
    const ageMs = 1_000 * Number(response.headers.get('age') ?? 0);
    // A date is cut to its second, so that it is half a second old on average.
    return judgeOffset((askedMs + answeredMs) / 2 - (dateMs + ageMs + 500), host);
  } catch (error) {
    const message = `The clock was not compared with that of ${host}: ${textOf(error instanceof Error ? (error.cause ?? error) : error)}.`;
    return { check: 'clock', level: 'warning', message, advice: 'Check the URL after --peer.' };
  }
}

/** Judges how far this machine's clock is ahead of another one. */
export function judgeOffset(aheadMs: number, host: string): Finding {
  const offMs = Math.abs(aheadMs);
  if (offMs < WARNING_MS) {
    return { check: 'clock', level: 'ok', message: `The clock agrees with that of ${host}.` };
  }
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return {
    check: 'clock',
    level: offMs < ERROR_MS ? 'warning' : 'error',
    message: `The clock is ${Math.round(offMs / 1_000)} s ${direction} that of ${host}: TURN credentials and certificates may be refused.`,
    advice: ADVICE,
  };
}

async function askSystemd(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
      timeout: ANSWER_LIMIT_MS,
    });
    return judgeSystemd(stdout.trim());
  } catch {
    return judgeSystemd('');
  }
}

/** Judges the answer of systemd: `yes`, `no`, or none where systemd does not run, as in containers. */
export function judgeSystemd(isSynchronized: string): Finding {
  switch (isSynchronized) {
    case 'yes':
      return { check: 'clock', level: 'ok', message: 'A time service keeps the clock, as systemd reports.' };
    case 'no':
      return {
        check: 'clock',
        level: 'warning',
        message: 'No time service keeps the clock, as systemd reports.',
        advice: ADVICE,
      };
    default:
      return {
        check: 'clock',
        level: 'note',
        message: 'The clock was not checked: systemd does not run here.',
        advice: 'Name an HTTP server with --peer to compare the clock with.',
      };
  }
}
