import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newTransactionId, writeBindingRequest } from '../stun/binding.ts';
import { SessionTable } from './session-table.ts';

const media = Buffer.from([0x80, 111]);
const checkFor = (ufrag: string) =>
  writeBindingRequest(
    newTransactionId((size) => new Uint8Array(size)),
    { username: `${ufrag}:peer` },
    createSecretKey(Buffer.from('password')),
  );

describe('SessionTable', () => {
  it('finds by address for media, by ufrag for checks', () => {
    const table = new SessionTable<string>();
    table.add('a');
    table.addUfrag('ufrag', 'a');
    expect(table.find('stun', checkFor('ufrag'), 1)).toBe('a');
    expect(table.find('rtp', media, 1)).toBeUndefined();
    table.addPath(1, 'a');
    expect(table.find('rtp', media, 1)).toBe('a');
    expect(table.find('rtp', media, 11)).toBeUndefined();
    expect(table.strays).toBe(2);
  });

  it('forgets everything that led to an owner, except what another took over', () => {
    const table = new SessionTable<string>();
    for (const owner of ['a', 'b']) {
      table.add(owner);
      table.addUfrag(`ufrag-${owner}`, owner);
    }
    table.addPath(1, 'a');
    table.addPath(2, 'a');
    table.addPath(1, 'b');
    table.remove('a');
    expect(table.find('rtp', media, 1)).toBe('b');
    expect(table.find('rtp', media, 2)).toBeUndefined();
    expect(table.find('stun', checkFor('ufrag-a'), 1)).toBeUndefined();
    expect(table.find('stun', checkFor('ufrag-b'), 9)).toBe('b');
  });

  it('finds no owner for an empty datagram that is classified as STUN', () => {
    const table = new SessionTable<string>();
    table.add('a');
    table.addPath(1, 'a');
    expect(table.find('stun', Buffer.alloc(0), 1)).toBeUndefined();
    expect(table.strays).toBe(1);
  });
});
