import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const examples = [...read('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

describe('the README', () => {
  it.each(['server.ts', 'client.ts', 'scripted-server.ts'].map((name, index) => [name, index] as const))(
    'shows examples/%s unchanged',
    (name, index) => {
      expect(examples[index]).toBe(read(`../examples/${name}`));
    },
  );

  it('has a server and a client that talk to each other', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    onTestFinished(() => {
      vi.unstubAllEnvs();
      log.mockRestore();
    });
    vi.stubEnv('PORT', '0');
    const { http, ws } = await import('../examples/server.ts');
    onTestFinished(() => {
      http.close();
    });
    await once(http, 'listening');
    vi.stubEnv('RTCD_URL', `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`);
    const left = once(ws, 'close');
    await import('../examples/client.ts');
    await left;
    expect(log.mock.calls.map(([line]) => String(line).replace(/\b[a-z0-9]{26}\b/, 'ID')).sort()).toEqual([
      'ID left: 1000 ',
      'hello',
      'my-installation connected as ID',
    ]);
  });

  it('has a scripted server that asserts what it shows', async () => {
    await import('../examples/scripted-server.ts');
  });
});
