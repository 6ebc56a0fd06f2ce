import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newTransactionId, writeBindingRequest } from '../stun/binding.ts';
import { writeStunMessage } from '../stun/write.ts';
import { SessionTable } from './session-table.ts';

const media = Buffer.from([0x80, 111]);
const checkFor = (ufrag: string) =>
  writeBindingRequest(
    newTransactionId((size) => new Uint8Array(size)),
    { username: `${ufrag}:peer` },
    createSecretKey(Buffer.from('password')),
  );

const answerTo = (transactionId: Uint8Array) => writeStunMessage({ messageClass: 'success', method: 1, transactionId });

describe('SessionTable', () => {
  it('finds by address for media, by ufrag for checks', () => {
    const table = new SessionTable<string>();
    table.add('a');
    table.addUfrag('ufrag', 'a');
    expect(table.find('stun', checkFor('ufrag'), 1)).toBe('a');
    expect(table.find('rtp', media, 1)).toBeUndefined();
    table.claimPath(1, 'a');
    expect(table.find('rtp', media, 1)).toBe('a');
    expect(table.find('rtp', media, 11)).toBeUndefined();
  });

  it('forgets everything that led to an owner, except what another took over', () => {
    const table = new SessionTable<string>();
    for (const owner of ['a', 'b']) {
      table.add(owner);
      table.addUfrag(`ufrag-${owner}`, owner);
    }
    table.claimPath(1, 'a');
    table.claimPath(2, 'a');
    table.provePath(1, 'b');
    table.remove('a');
    expect(table.find('rtp', media, 1)).toBe('b');
    expect(table.find('rtp', media, 2)).toBeUndefined();
    expect(table.find('stun', checkFor('ufrag-a'), 1)).toBeUndefined();
    expect(table.find('stun', checkFor('ufrag-b'), 9)).toBe('b');
  });

  it('leaves a path to its owner when another one claims it, until that one proves it or the owner leaves', () => {
    const table = new SessionTable<string>();
    for (const owner of ['a', 'b', 'c']) table.add(owner);
    table.claimPath(1, 'a');
    table.claimPath(1, 'b');
    expect(table.ownerOf(1)).toBe('a');
    table.provePath(1, 'b');
    table.claimPath(1, 'a');
    expect(table.ownerOf(1)).toBe('b');
    table.remove('b');
    expect(table.ownerOf(1)).toBeUndefined();
    table.claimPath(1, 'c');
    table.claimPath(1, 'a');
    expect(table.ownerOf(1)).toBe('c');
  });

  it('finds a response to a request by its transaction, until that is over or the owner leaves', () => {
    const table = new SessionTable<string>();
    table.add('a');
    const [first, second, third] = [1, 2, 3].map((byte) => new Uint8Array(12).fill(byte));
    for (const transactionId of [first!, second!]) table.addTransaction(transactionId, 'a');
    expect(table.find('stun', answerTo(first!), 1)).toBe('a');
    expect(table.find('stun', answerTo(third!), 1)).toBeUndefined();
    table.removeTransaction(first!, 'a');
    expect(table.find('stun', answerTo(first!), 1)).toBeUndefined();
    table.remove('a');
    expect(table.find('stun', answerTo(second!), 1)).toBeUndefined();
  });

  it('finds no owner for an empty datagram that is classified as STUN', () => {
    const table = new SessionTable<string>();
    table.add('a');
    table.claimPath(1, 'a');
    expect(table.find('stun', Buffer.alloc(0), 1)).toBeUndefined();
  });
});
