import { expect, it } from 'vitest';
import { checkBuffers } from './buffers.ts';

const probe = { addresses: [], stun: [], arrivals: [] };

it('warns of small buffers, with their sizes and the setting to change', () => {
  const smallBuffers = { receiveBytes: 212_992, sendBytes: 16 * 1024 * 1024 };
  expect(checkBuffers({ ...probe, smallBuffers })).toMatchObject([
    {
      level: 'warning',
      message: expect.stringContaining('208 KiB for receiving and 16384 KiB for sending'),
      advice: expect.stringContaining('net.core.rmem_max=16777216'),
    },
  ]);
});

it('finds nothing wrong with buffers as requested', () => {
  expect(checkBuffers(probe)).toMatchObject([{ level: 'ok' }]);
});
