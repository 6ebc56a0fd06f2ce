import { expect, it } from 'vitest';
import {
  fragmentOf,
  HandshakeType,
  parseHandshakeFragments,
  writeHandshakeMessage,
} from '../messages/handshake-message.ts';
import { HelloAssembler } from './hello-assembler.ts';

const hello = (messageSeq: number) =>
  writeHandshakeMessage(HandshakeType.clientHello, messageSeq, Buffer.alloc(100, messageSeq));
const piece = (messageSeq: number, offset: number) =>
  parseHandshakeFragments(fragmentOf(hello(messageSeq), offset, 50))[0];

it('assembles two hellos at the same time, repeatedly', () => {
  const assembler = new HelloAssembler();
  for (let round = 0; round < 3; round++) {
    expect(assembler.add(piece(0, 0)!)).toBeUndefined();
    expect(assembler.add(piece(1, 50)!)).toBeUndefined();
    expect(assembler.add(piece(1, 0)!)).toEqual(hello(1));
    expect(assembler.add(piece(0, 50)!)).toEqual(hello(0));
    expect(assembler.bufferedBytes).toBe(0);
  }
});

it('drops the oldest for a third', () => {
  const assembler = new HelloAssembler();
  for (let messageSeq = 0; messageSeq < 1000; messageSeq++) assembler.add(piece(messageSeq, 0)!);
  expect(assembler.bufferedBytes).toBeLessThan(1000);
  expect(assembler.add(piece(999, 50)!)).toEqual(hello(999));
  expect(assembler.add(piece(0, 50)!)).toBeUndefined();
});

it('refuses other messages, messages that are too long, and numbers that leave no room for the answer', () => {
  const assembler = new HelloAssembler();
  const [finished] = parseHandshakeFragments(writeHandshakeMessage(HandshakeType.finished, 0, Buffer.alloc(12)));
  const [long] = parseHandshakeFragments(writeHandshakeMessage(HandshakeType.clientHello, 0, Buffer.alloc(4097)));
  const [last] = parseHandshakeFragments(writeHandshakeMessage(HandshakeType.clientHello, 0xffff, Buffer.alloc(10)));
  for (const fragment of [finished, long, last]) expect(assembler.add(fragment!)).toBeUndefined();
});
