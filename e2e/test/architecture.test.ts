import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Each package may use those that it names here, and no others: the diagram in README.md, as a test. */
const PACKAGE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  boundary: [],
  protocol: ['boundary'],
  store: ['boundary'],
  'packet-io': ['boundary'],
  auth: ['boundary'],
  api: ['boundary', 'protocol'],
  ws: ['boundary', 'protocol'],
  client: ['boundary', 'protocol', 'ws'],
  rtc: ['boundary', 'packet-io', 'protocol'],
  'store-redis': ['boundary', 'store'],
  participant: ['boundary', 'client', 'packet-io', 'protocol', 'rtc'],
};

/**
 * Folders of the SFU from the wire up. Each may use those before it; the decisions of a call know nothing of how they are
 * negotiated, and media knows nothing of signaling.
 */
const SFU_LAYERS = [
  ['stun', 'rtp', 'sctp', 'dtls', 'voice-activity'],
  ['ice', 'rtcp', 'io', 'codecs', 'turn'],
  ['sdp'],
  ['call'],
  ['inspect', 'media', 'signaling', 'transport'],
  ['messages', 'peer'],
  ['session'],
  ['sfu'],
  ['thread'],
] as const;

/** Beside each other in a layer, and yet used: everything that can be inspected counts, and `inspect` reads the counts. */
const ARROWS_WITHIN_A_LAYER = ['media inspect', 'transport inspect', 'inspect media', 'inspect signaling'];

function sources(folder: string): string[] {
  return globSync('**/*.ts', { cwd: join(root, folder), exclude: (name) => name === 'testing' })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => join(root, folder, file));
}

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^;]*? from '([^']+)'/gm)].map(([, path]) => path ?? '');

describe('packages', () => {
  it.each(Object.entries(PACKAGE_ARROWS))('%s imports only what it may', (name, allowed) => {
    const used = sources(`packages/${name}/src`).flatMap((file) =>
      importsOf(file).flatMap((path) => /^@rtcd\/([^/]+)/.exec(path)?.[1] ?? []),
    );
    expect([...new Set(used)].filter((other) => other !== name && !allowed.includes(other))).toEqual([]);
  });

  it('are all covered by this test', () => {
    const names = globSync('packages/*/package.json', { cwd: root }).map((path) => path.split(sep)[1]);
    expect(Object.keys(PACKAGE_ARROWS).sort()).toEqual(names.sort());
  });
});

describe('the SFU', () => {
  const src = join(root, 'packages/rtc/src');
  const layerOf = (folder: string) => SFU_LAYERS.findIndex((layer) => (layer as readonly string[]).includes(folder));
  const folderOf = (file: string) => {
    const [first, ...rest] = relative(src, file).split(sep);
    return rest.length > 0 ? first : undefined;
  };
  const arrows = new Map<string, string>();
  for (const file of sources('packages/rtc/src')) {
    const from = folderOf(file);
    for (const path of importsOf(file)) {
      const to = path.startsWith('.') ? folderOf(normalize(join(dirname(file), path))) : undefined;
      if (from !== undefined && to !== undefined && from !== to) arrows.set(`${from} ${to}`, relative(root, file));
    }
  }

  it('has no folder outside the layers', () => {
    const folders = new Set([...arrows.keys()].flatMap((arrow) => arrow.split(' ')));
    expect([...folders].filter((folder) => layerOf(folder) < 0)).toEqual([]);
  });

  it('imports only from the wire upward', () => {
    const against = [...arrows].filter(([arrow]) => {
      const [from = '', to = ''] = arrow.split(' ');
      return layerOf(to) >= layerOf(from) && !ARROWS_WITHIN_A_LAYER.includes(arrow);
    });
    expect(against).toEqual([]);
  });

  it('keeps sockets and timers in src/io', () => {
    const users = sources('packages/rtc/src').filter((file) =>
      // Reading an address is no I/O.
      /^import (?!\{ isIP\w* \}).* from 'node:(dgram|net|tls|dns|timers)/m.test(readFileSync(file, 'utf8')),
    );
    expect(users.map(folderOf).filter((folder) => folder !== 'io')).toEqual([]);
  });
});
