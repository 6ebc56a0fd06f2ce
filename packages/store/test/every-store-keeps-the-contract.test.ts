import { describe, it } from 'vitest';
import { createMemoryStore, openLmdbStore } from '../src/index.ts';
import { storeContract } from '../src/testing/index.ts';
import { temporaryFolder } from './folder.ts';

describe('the memory store', () => storeContract({ describe, it }, createMemoryStore));
describe('the lmdb store', () =>
  storeContract({ describe, it }, async () => openLmdbStore({ path: await temporaryFolder() })));
