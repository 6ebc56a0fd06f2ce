import { describe, expect, it } from 'vitest';
import { readStringMap } from './string-map.ts';

const read = (body: string) => readStringMap(new Request('http://a', { method: 'POST', body }), 100);

describe('string map', () => {
  it('reads a flat object of strings', async () => {
    expect([...(await read('{"a":"1","__proto__":"2"}'))]).toEqual([
      ['a', '1'],
      ['__proto__', '2'],
    ]);
    expect((await read('{}')).get('toString')).toBeUndefined();
  });

  it('treats null as absent, and removes a byte order mark', async () => {
    expect([...(await read('\u{feff}{"a":null,"b":"1"}'))]).toEqual([['b', '1']]);
  });

  it('refuses what is not UTF-8', async () => {
    const request = new Request('http://a', { method: 'POST', body: Buffer.from('{"a":"\xff"}', 'latin1') });
    await expect(readStringMap(request, 100)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('reads no more than the limit', async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array(10).fill(++pulled)) },
      { highWaterMark: 0 },
    );
    await expect(readStringMap({ headers: new Headers(), body }, 100)).rejects.toMatchObject({ code: 'too_large' });
    expect(pulled).toBe(11);
  });

  it.each([
    ['', 'should be JSON'],
    ['{', 'should be JSON'],
    ['{} {}', 'should be JSON'],
    ['null', 'should be a JSON object'],
    ['[]', 'should be a JSON object'],
    ['"text"', 'should be a JSON object'],
    ['{"a":1}', '"a" should be a string'],
    ['{"a":{}}', '"a" should be a string'],
  ])('refuses %s', async (body, message) => {
    await expect(read(body)).rejects.toMatchObject({
      code: 'invalid_request',
      message: `invalid request body: ${message}`,
    });
  });
});
