import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '@rtcd/store/testing';
import { afterAll, describe, it } from 'vitest';
import { FileStore } from './file-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'file-store-'));
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
describe('FileStore', () => {
  storeContract({ describe, it }, () => FileStore.open(join(folder, String(made++))));
});
