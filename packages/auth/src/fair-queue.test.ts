import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const from = (source: string, clientID = 'client') => ({ source, clientID });

function drain(queue: FairQueue<string>): string[] {
  const order: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) order.push(next);
  return order;
}

describe('FairQueue', () => {
  it('serves one origin in order of arrival', () => {
    const queue = new FairQueue<string>();
    for (const operation of ['a', 'b', 'c']) queue.add(operation, from('x'));
    expect(drain(queue)).toEqual(['a', 'b', 'c']);
  });

  it('serves sources in turn', () => {
    const queue = new FairQueue<string>();
    for (const operation of ['x1', 'x2', 'x3', 'x4']) queue.add(operation, from('x'));
    for (const operation of ['y1', 'y2']) queue.add(operation, from('y'));
    expect(drain(queue)).toEqual(['x1', 'y1', 'x2', 'y2', 'x3', 'x4']);
  });

  it('serves the clients of one source in turn', () => {
    const queue = new FairQueue<string>();
    for (const operation of ['a1', 'a2', 'a3']) queue.add(operation, from('x', 'a'));
    queue.add('b1', from('x', 'b'));
    queue.add('y1', from('y', 'a'));
    expect(drain(queue)).toEqual(['a1', 'y1', 'b1', 'a2', 'a3']);
  });

  it('serves a new source before the next operation of a source that was served', () => {
    const queue = new FairQueue<string>();
    for (const operation of ['x1', 'x2']) queue.add(operation, from('x'));
    expect(queue.shift()).toBe('x1');
    queue.add('y1', from('y'));
    expect(drain(queue)).toEqual(['y1', 'x2']);
  });

  it('makes room by dropping an operation of the busiest client of the busiest source', () => {
    const queue = new FairQueue<string>();
    queue.add('a1', from('x', 'a'));
    for (const operation of ['b1', 'b2']) queue.add(operation, from('x', 'b'));
    queue.add('y1', from('y'));
    expect(queue.surplusOver(from('z'))).toBe('b2');
    expect(queue.surplusOver(from('y'))).toBe('b2');
    expect(queue.surplusOver(from('x', 'a'))).toBeUndefined();
    expect(queue.surplusOver(from('x', 'c'))).toBe('b2');
    expect(queue.surplusOver(from('x', 'b'))).toBeUndefined();
  });

  it('serves a client at once that only its own source asks for, while many sources ask for another one', () => {
    const queue = new FairQueue<string>();
    for (let source = 0; source < 10; source++) queue.add(`victim ${source}`, from(`${source}`, 'victim'));
    expect(queue.shift()).toBe('victim 0');
    queue.add('honest', from('honest source', 'honest'));
    expect(queue.shift()).toBe('honest');
    expect(queue.shift()).toBe('victim 1');
  });

  it('serves a client of another source at once, while one source asks for many clients', () => {
    const queue = new FairQueue<string>();
    for (let client = 0; client < 10; client++) queue.add(`client ${client}`, from('flood', `${client}`));
    expect(queue.shift()).toBe('client 0');
    queue.add('honest', from('honest source', 'honest'));
    expect(queue.shift()).toBe('honest');
    expect(queue.shift()).toBe('client 1');
  });

  it('remembers the turns of sources of which nothing waits, so that a new one is served before them', () => {
    const queue = new FairQueue<string>();
    const flood = ['x', 'y'];
    for (const source of flood) queue.add(source, from(source, 'victim'));
    expect(drain(queue)).toEqual(flood);
    for (const source of flood) queue.add(source, from(source, 'victim'));
    queue.add('owner', from('owner', 'victim'));
    expect(drain(queue)).toEqual(['owner', 'x', 'y']);
  });

  it('remembers a bounded number of sources and clients, and forgets those that were served longest ago', () => {
    const queue = new FairQueue<string>(2);
    for (const source of ['x', 'y']) {
      queue.add(source, from(source, source));
      queue.shift();
    }
    for (const source of ['y', 'x']) queue.add(source, from(source, source));
    expect(queue.shift()).toBe('x');
  });

  it('makes room for a client that was not served lately, where all sources have as many', () => {
    const queue = new FairQueue<string>();
    for (const source of ['x', 'y', 'z']) queue.add(source, from(source, 'victim'));
    expect(queue.surplusOver(from('honest source', 'honest'))).toBeUndefined();
    queue.shift();
    expect(queue.surplusOver(from('honest source', 'honest'))).toBe('z');
    expect(queue.surplusOver(from('late', 'victim'))).toBeUndefined();
  });

  it('makes a source wait for no more than one operation of each other source, however many wait', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, (waiting) => {
        const queue = new FairQueue<string>();
        for (const [source, count] of waiting.entries())
          for (let index = 0; index < count; index++) queue.add(`flood ${source} ${index}`, from(`${source}`));
        queue.shift();
        queue.add('honest', from('honest'));
        expect(drain(queue).indexOf('honest')).toBeLessThanOrEqual(waiting.length);
      }),
    );
  });
});
