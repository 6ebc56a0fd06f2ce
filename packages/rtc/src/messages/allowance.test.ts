import { describe, expect, it } from 'vitest';
import { PeerAllowance } from './allowance.ts';

/** Number of messages of one charge that are admitted at once. */
function admitted(allowance: PeerAllowance, charge: () => void, nowMs: number): number {
  for (let count = 0; ; count++) {
    if (allowance.admit(nowMs) !== 'admitted') return count;
    charge();
  }
}

const chargeOffer = (allowance: PeerAllowance) => {
  allowance.chargeDescription(1_000);
  allowance.chargeOffer();
};

describe('PeerAllowance', () => {
  it.each([
    ['messages', 8_000, 9_000, (allowance: PeerAllowance) => allowance.chargeMessage(1)],
    ['refusals', 32, 33, (allowance: PeerAllowance) => allowance.chargeRefusal()],
    ['offers', 16, 17, chargeOffer],
    ['descriptions of 1 MiB', 2, 3, (allowance: PeerAllowance) => allowance.chargeDescription(1 << 20)],
  ])('bounds %s at once', (_, least, most, charge) => {
    const allowance = new PeerAllowance(0);
    const count = admitted(allowance, () => charge(allowance), 0);
    expect(count).toBeGreaterThanOrEqual(least);
    expect(count).toBeLessThanOrEqual(most);
  });

  it('reports exhaustion once, and reopens when a second’s worth has accumulated', () => {
    const allowance = new PeerAllowance(0);
    admitted(allowance, () => allowance.chargeRefusal(), 0);
    expect(allowance.admit(0)).toBe('still_exhausted');
    expect(allowance.admit(900)).toBe('still_exhausted');
    expect(allowance.admit(1_300)).toBe('admitted');
    expect(admitted(allowance, () => allowance.chargeRefusal(), 1_300)).toBeLessThanOrEqual(6);
  });

  it('pays debts off first', () => {
    const allowance = new PeerAllowance(0);
    for (let index = 0; index < 10; index++) allowance.chargeDescription(1 << 20);
    expect(allowance.admit(0)).toBe('exhausted');
    expect(allowance.admit(32_000)).toBe('still_exhausted');
    expect(allowance.admit(33_000)).toBe('admitted');
  });

  it('takes nothing for answers to our offers', () => {
    const allowance = new PeerAllowance(0);
    for (let index = 0; index < 100; index++) {
      allowance.chargeDescription(1 << 20);
      allowance.refundAnswer(1 << 20);
    }
    expect(admitted(allowance, () => allowance.chargeRefusal(), 0)).toBe(33);
  });

  it('accumulates no more than it began with', () => {
    const allowance = new PeerAllowance(0);
    expect(admitted(allowance, () => allowance.chargeRefusal(), 10 ** 9)).toBeLessThanOrEqual(33);
  });
});
