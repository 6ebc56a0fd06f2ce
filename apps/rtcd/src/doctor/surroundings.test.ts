import { expect, it } from 'vitest';
import { readSurroundings } from './surroundings.ts';

it.each([
  [{}, '', { isKubernetes: false, isContainer: false }],
  [{ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, '', { isKubernetes: true, isContainer: true }],
  [{ container: 'podman' }, '', { isKubernetes: false, isContainer: true }],
  [{}, '/.dockerenv', { isKubernetes: false, isContainer: true }],
  [{}, '/run/.containerenv', { isKubernetes: false, isContainer: true }],
])('sees in %j with the file %j: %j', (environment, file, surroundings) => {
  expect(readSurroundings(environment, (path) => path === file)).toEqual(surroundings);
});
