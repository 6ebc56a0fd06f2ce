import { PacketIoError } from '../errors.ts';
import type { BindAddress } from '../packet-io.ts';

/** A way to bind one address, and to undo that. */
export interface Binder<Bound> {
  bind(address: BindAddress): Promise<Bound>;
  close(bound: Bound): Promise<void>;
}

/**
 * Binds addresses, but for optional ones that this machine does not have; these are reported. There is at least one if any were given. Rejects with the error of
 * the first that cannot be bound, and then has bound none.
 */
export async function bindAll<Bound>(
  addresses: readonly BindAddress[],
  { bind, close }: Binder<Bound>,
  onLeftOut: (error: PacketIoError) => void,
): Promise<Bound[]> {
  const all: Bound[] = [];
  try {
    for (const [index, address] of addresses.entries()) {
      const isLastChance = all.length === 0 && index === addresses.length - 1;
      try {
        all.push(await bind(address));
      } catch (error) {
        if (!address.optional || isLastChance || !isNotAvailable(error)) throw error;
        onLeftOut(error);
      }
    }
  } catch (error) {
    await Promise.all(all.map(close));
    throw error;
  }
  return all;
}

const isNotAvailable = (error: unknown): error is PacketIoError =>
  error instanceof PacketIoError && error.code === 'address_not_available';
