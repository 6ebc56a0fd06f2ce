import { beforeEach, expect, it, vi } from 'vitest';
import { silentLogger } from '../ports.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { HostNames, type LookupHost } from './host-names.ts';

let time: VirtualTime;
let warnings: object[];
beforeEach(() => {
  time = new VirtualTime();
  warnings = [];
});

function hostNames(lookup: LookupHost): HostNames {
  return new HostNames({
    lookup,
    clock: virtualClock(time),
    logger: { ...silentLogger, warn: (fields) => void warnings.push(fields) },
  });
}

const settled = () => new Promise(setImmediate);

it('returns the addresses of resolved names', async () => {
  const names = hostNames(async (name) => [name === 'a.test' ? '192.0.2.1' : '192.0.2.2']);
  await names.lookUp(['a.test', 'b.test']);
  expect(names.addressesOf('a.test')).toEqual(['192.0.2.1']);
  expect(names.addressesOf('b.test')).toEqual(['192.0.2.2']);
  expect(names.addressesOf('c.test')).toEqual([]);
});

it('warns, retries after growing waits, and stops when it has found the addresses', async () => {
  const lookup = vi.fn<LookupHost>().mockRejectedValue(new Error('ENOTFOUND'));
  const names = hostNames(lookup);
  await names.lookUp(['a.test']);
  expect(warnings).toEqual([{ name: 'a.test', reason: 'ENOTFOUND', retryMs: 10_000 }]);
  time.runFor(10_000);
  await settled();
  expect(warnings.at(-1)).toEqual({ name: 'a.test', reason: 'ENOTFOUND', retryMs: 20_000 });
  lookup.mockResolvedValue(['192.0.2.1']);
  time.runFor(20_000);
  await settled();
  expect(names.addressesOf('a.test')).toEqual(['192.0.2.1']);
  time.runFor(3_600_000);
  expect(lookup).toHaveBeenCalledTimes(3);
  expect(warnings).toHaveLength(2);
});

it('does not delay the start for longer than 2 s, and accepts a late answer', async () => {
  const answer = Promise.withResolvers<readonly string[]>();
  const names = hostNames(() => answer.promise);
  const started = names.lookUp(['a.test']);
  time.runFor(2_000);
  await started;
  expect(names.addressesOf('a.test')).toEqual([]);
  answer.resolve(['192.0.2.1']);
  await settled();
  expect(names.addressesOf('a.test')).toEqual(['192.0.2.1']);
});

it('makes no more queries once closed', async () => {
  const lookup = vi.fn<LookupHost>().mockRejectedValue(new Error('ENOTFOUND'));
  const names = hostNames(lookup);
  await names.lookUp(['a.test']);
  names.close();
  time.runFor(3_600_000);
  expect(lookup).toHaveBeenCalledTimes(1);
});
