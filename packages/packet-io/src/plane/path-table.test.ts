import { describe, expect, it } from 'vitest';
import { PathTable, UNHELD_PATHS } from './path-table.ts';

const path = (port: number, local = 0) => ({ local, address: '192.0.2.1', port });

/** Datagrams from ever new addresses, more than there are numbers for paths that are not held. */
function flood(table: PathTable, count = 3 * UNHELD_PATHS): Set<number> {
  const ids = Array.from({ length: count }, (_, i) => table.arrive(0, `10.0.${i >> 8}.${i & 255}`, 1000));
  return new Set(ids);
}

describe('PathTable', () => {
  it('finds a held path by its address, with separate paths per local address', () => {
    const table = new PathTable();
    const id = table.openPath(path(1));
    expect(table.arrive(0, '192.0.2.1', 1)).toBe(id);
    expect(table.arrive(1, '192.0.2.1', 1)).not.toBe(id);
    expect(table.pathOf(id)).toEqual(path(1));
    expect(table.openPath(path(1))).toBe(id);
  });

  it('keeps the number of an arrival that is held at once', () => {
    const table = new PathTable();
    const id = table.arrive(0, '192.0.2.1', 1);
    expect(table.holdPath(id)).toBe(id);
    flood(table);
    expect(table.arrive(0, '192.0.2.1', 1)).toBe(id);
    expect(table.pathOf(id)).toEqual(path(1));
  });

  it('gives two arrivals of one batch the number of the one that was held first', () => {
    const table = new PathTable();
    const [first, second] = [table.arrive(0, '192.0.2.1', 1), table.arrive(0, '192.0.2.1', 1)];
    expect(table.holdPath(second)).toBe(second);
    expect(table.holdPath(first)).toBe(second);
    table.releasePath(second);
    expect(table.arrive(0, '192.0.2.1', 1)).toBe(second);
    table.releasePath(second);
    expect(table.arrive(0, '192.0.2.1', 1)).not.toBe(second);
  });

  it('lets strangers neither fill it nor end a held path', () => {
    const table = new PathTable(2);
    const held = table.openPath(path(1));
    const stranger = table.arrive(0, '203.0.113.9', 4444);
    const ids = flood(table);
    expect(ids.has(held)).toBe(false);
    expect(table.pathOf(held)).toEqual(path(1));
    expect(table.pathOf(stranger)).toBeUndefined();
    expect(table.holdPath(stranger)).toBeUndefined();
    expect([...ids].filter((id) => table.pathOf(id) !== undefined)).toHaveLength(UNHELD_PATHS);
    expect(table.openPath(path(2))).toBeDefined();
  });

  it('holds no more paths than the limit, until one is released', () => {
    const table = new PathTable(2);
    const first = table.openPath(path(1));
    table.openPath(path(2));
    const arrival = table.arrive(0, '192.0.2.1', 3);
    expect(table.holdPath(arrival)).toBeUndefined();
    expect(() => table.openPath(path(3))).toThrow(expect.objectContaining({ code: 'too_many_paths' }));
    expect(table.openPath(path(1))).toBe(first);
    table.releasePath(first);
    table.releasePath(first);
    expect(table.holdPath(arrival)).toBe(arrival);
  });

  it('never gives a released number to another path while its place is used a thousand times', () => {
    const table = new PathTable();
    const stale = table.openPath(path(1));
    table.releasePath(stale);
    for (let port = 2; port < 1000; port++) {
      const id = table.openPath(path(port));
      expect(id).not.toBe(stale);
      table.releasePath(id);
      table.releasePath(stale);
    }
    expect(table.pathOf(stale)).toBeUndefined();
  });

  it('ends a path whatever holds it, and takes releases that come after that', () => {
    const table = new PathTable();
    const id = table.openPath(path(1));
    table.openPath(path(1));
    expect(table.endPath(id)).toBe(true);
    expect(table.pathOf(id)).toBeUndefined();
    const next = table.openPath(path(1));
    table.releasePath(id);
    table.releasePath(id);
    expect(table.endPath(id)).toBe(false);
    expect(table.pathOf(next)).toEqual(path(1));
  });
});
