import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reassembly } from './reassembly.ts';
import { tsnAdd } from './tsn.ts';
import type { DataChunk } from './wire/data.ts';

const FIRST = 0xfffffffd;

interface Setup {
  readonly reassembly: Reassembly;
  readonly delivered: string[];
}

function setup(maxMessageBytes = 1000): Setup {
  const delivered: string[] = [];
  const reassembly = new Reassembly(maxMessageBytes, ({ streamId, data }) => {
    delivered.push(`${streamId}:${Buffer.from(data).toString()}`);
  });
  return { reassembly, delivered };
}

/** `text` as a chunk; 'B' and 'E' in the flags say whether it begins and ends a message, 'U' that it is unordered. */
function chunk(offset: number, flags: string, text: string, ssn = 0, streamId = 1): DataChunk {
  return {
    tsn: tsnAdd(FIRST, offset),
    streamId,
    ssn,
    ppid: 51,
    unordered: flags.includes('U'),
    begin: flags.includes('B'),
    end: flags.includes('E'),
    immediate: false,
    payload: Buffer.from(text),
  };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => {
    const others = [...items.slice(0, index), ...items.slice(index + 1)];
    return permutations(others).map((rest) => [item, ...rest]);
  });
}

describe('reassembly', () => {
  it('assembles fragments in any order', () => {
    const chunks = [chunk(0, 'B', 'a'), chunk(1, '', 'b'), chunk(2, '', 'c'), chunk(3, '', 'd'), chunk(4, 'E', 'e')];
    for (const order of permutations(chunks)) {
      const { reassembly, delivered } = setup();
      for (const part of order) expect(reassembly.add(part, 0)).toBe('ok');
      expect(delivered).toEqual(['1:abcde']);
      expect(reassembly.bufferedBytes).toBe(0);
    }
  });

  it('keeps the order within a stream, and not between streams', () => {
    const { reassembly, delivered } = setup();
    reassembly.add(chunk(2, 'BE', 'third', 2), 0);
    reassembly.add(chunk(1, 'BE', 'second', 1), 0);
    reassembly.add(chunk(3, 'BE', 'other', 0, 2), 0);
    expect(delivered).toEqual(['2:other']);
    reassembly.add(chunk(0, 'BE', 'first', 0), 0);
    expect(delivered).toEqual(['2:other', '1:first', '1:second', '1:third']);
    expect(reassembly.bufferedBytes).toBe(0);
  });

  it('delivers unordered messages at once, also whole ones of several parts', () => {
    const { reassembly, delivered } = setup();
    reassembly.add(chunk(5, 'UE', 'b', 9), 0);
    reassembly.add(chunk(4, 'UB', 'a', 8), 0);
    reassembly.add(chunk(2, 'UBE', 'c'), 0);
    expect(delivered).toEqual(['1:ab', '1:c']);
  });

  it('continues across the wrap of stream sequence numbers', () => {
    const { reassembly, delivered } = setup();
    for (let count = 0; count < 0x10002; count += 1) reassembly.add(chunk(count, 'BE', 'x', count & 0xffff), 0);
    expect(delivered).toHaveLength(0x10002);
  });

  it('keeps nothing of an ordered message that was skipped', () => {
    const { reassembly, delivered } = setup();
    reassembly.add(chunk(0, 'BE', 'a', 0), 0);
    reassembly.add(chunk(1, 'BE', 'again', 0), 0);
    reassembly.add(chunk(2, 'BE', 'old', 0xffff), 0);
    reassembly.add(chunk(3, 'BE', 'b', 1), 0);
    expect(delivered).toEqual(['1:a', '1:b']);
    expect(reassembly.bufferedBytes).toBe(0);
  });

  it.each([
    ['a beginning within a message', [chunk(0, 'B', 'a'), chunk(1, 'B', 'b')]],
    ['a middle after an end', [chunk(0, 'E', 'a'), chunk(1, '', 'b')]],
    ['another stream within a message', [chunk(0, 'B', 'a'), chunk(1, 'E', 'b', 0, 2)]],
    ['another sequence number within a message', [chunk(1, 'E', 'b', 1), chunk(0, 'B', 'a')]],
    ['an unordered part of an ordered message', [chunk(1, '', 'b'), chunk(0, 'UB', 'a')]],
  ])('refuses %s', (_name, chunks) => {
    const { reassembly, delivered } = setup();
    expect(reassembly.add(chunks[0]!, 0)).toBe('ok');
    expect(reassembly.add(chunks[1]!, 0)).toBe('inconsistent_fragments');
    expect(delivered).toEqual([]);
  });

  it('refuses a message larger than announced, whole or in parts', () => {
    const { reassembly } = setup(10);
    expect(reassembly.add(chunk(0, 'BE', 'x'.repeat(10)), 0)).toBe('ok');
    expect(reassembly.add(chunk(1, 'BE', 'x'.repeat(11)), 0)).toBe('message_too_large');
    expect(reassembly.add(chunk(2, 'B', 'x'.repeat(6)), 0)).toBe('ok');
    expect(reassembly.add(chunk(4, 'E', 'x'.repeat(4)), 0)).toBe('ok');
    expect(reassembly.add(chunk(3, '', 'x'), 0)).toBe('message_too_large');
  });

  it('forgets messages that the sender abandoned, and continues after them', () => {
    const { reassembly, delivered } = setup();
    reassembly.add(chunk(1, '', 'part of message 0', 0), 0);
    reassembly.add(chunk(4, 'BE', 'message 2', 2), 0);
    reassembly.add(chunk(3, 'BE', 'message 1', 1), 0);
    reassembly.add(chunk(6, 'BE', 'message 4', 4), 0);
    reassembly.skipTo(tsnAdd(FIRST, 4), [{ streamId: 1, ssn: 2 }], 0);
    expect(delivered).toEqual(['1:message 1', '1:message 2']);
    reassembly.add(chunk(5, 'BE', 'message 3', 3), 0);
    expect(delivered).toEqual(['1:message 1', '1:message 2', '1:message 3', '1:message 4']);
    expect(reassembly.bufferedBytes).toBe(0);
    reassembly.skipTo(tsnAdd(FIRST, 4), [{ streamId: 1, ssn: 2 }], 0);
    reassembly.add(chunk(7, 'BE', 'message 5', 5), 0);
    expect(delivered.at(-1)).toBe('1:message 5');
  });

  it('restarts a stream when it is reset', () => {
    const { reassembly, delivered } = setup();
    reassembly.add(chunk(0, 'BE', 'a', 0), 0);
    reassembly.add(chunk(1, 'BE', 'waits forever', 5), 0);
    reassembly.add(chunk(2, 'BE', 'b', 0, 2), 0);
    reassembly.resetStreams([1]);
    expect(reassembly.bufferedBytes).toBe(0);
    reassembly.add(chunk(3, 'BE', 'c', 0), 0);
    reassembly.resetStreams([]);
    reassembly.add(chunk(4, 'BE', 'd', 0, 2), 0);
    expect(delivered).toEqual(['1:a', '2:b', '1:c', '2:d']);
  });

  it('keeps copies: a packet buffer may be used again', () => {
    const { reassembly, delivered } = setup();
    const first = chunk(0, 'B', 'abc');
    reassembly.add(first, 0);
    first.payload.fill('x');
    const waiting = chunk(2, 'BE', 'def', 1);
    reassembly.add(waiting, 0);
    waiting.payload.fill('x');
    reassembly.add(chunk(1, 'E', '!', 0), 0);
    expect(delivered).toEqual(['1:abc!', '1:def']);
  });

  it('delivers everything exactly once, whatever the order of arrival', () => {
    const messages = fc.array(
      fc.record({
        parts: fc.integer({ min: 1, max: 5 }),
        stream: fc.integer({ min: 0, max: 2 }),
        unordered: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.nat()), (plan, random) => {
        const ssns = [0, 0, 0];
        const chunks: DataChunk[] = [];
        for (const [index, { parts, stream, unordered }] of plan.entries()) {
          const ssn = unordered ? 0 : ssns[stream]!++;
          for (let part = 0; part < parts; part += 1) {
            const flags = `${unordered ? 'U' : ''}${part === 0 ? 'B' : ''}${part === parts - 1 ? 'E' : ''}`;
            chunks.push(chunk(chunks.length, flags, `${index}.${part} `, ssn, stream));
          }
        }
        const expected = plan.map(({ parts, stream }, index) => {
          return `${stream}:${Array.from({ length: parts }, (_, part) => `${index}.${part} `).join('')}`;
        });
        const order = chunks.map((part) => ({ part, key: random.next().value as number }));
        order.sort((a, b) => a.key - b.key);
        const { reassembly, delivered } = setup();
        for (const { part } of order) expect(reassembly.add(part, 0)).toBe('ok');
        expect([...delivered].sort()).toEqual([...expected].sort());
        for (const stream of [0, 1, 2]) {
          const ofStream = (_: unknown, index: number) => plan[index]?.stream === stream && !plan[index]?.unordered;
          const ordered = expected.filter(ofStream);
          expect(delivered.filter((message) => ordered.includes(message))).toEqual(ordered);
        }
        expect(reassembly.bufferedBytes).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
