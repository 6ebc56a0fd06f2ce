import {
  decodeClientMessage,
  decodeDataChannelMessage,
  encodeClientMessage,
  encodeDataChannelMessage,
  ProtocolError,
} from '@rtcd/protocol';
import { describe, expect, it } from 'vitest';
import { clientMessageVectors, invalidClientMessages, lenientClientMessageVectors } from './vectors/client-messages.ts';
import {
  dataChannelVectors,
  invalidDataChannelMessages,
  lenientDataChannelVectors,
} from './vectors/data-channel-messages.ts';

describe('client messages', () => {
  it.each(clientMessageVectors)('writes and reads $name', ({ bytes, message }) => {
    expect(encodeClientMessage(message)).toEqual(bytes);
    expect(decodeClientMessage(bytes)).toEqual(message);
  });

  it.each(lenientClientMessageVectors)('reads $name', ({ bytes, message }) => {
    expect(decodeClientMessage(bytes)).toEqual(message);
  });

  it.each(invalidClientMessages)('rejects %s', (_, bytes) => {
    expect(() => decodeClientMessage(bytes)).toThrow(ProtocolError);
  });

  it.each(clientMessageVectors)('rejects $name truncated anywhere', ({ bytes }) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeClientMessage(bytes.subarray(0, length))).toThrow(ProtocolError);
    }
  });
});

describe('data channel messages', () => {
  it.each(dataChannelVectors)('writes and reads $name', ({ bytes, message }) => {
    expect(encodeDataChannelMessage(message)).toEqual(bytes);
    expect(decodeDataChannelMessage(bytes)).toEqual(message);
  });

  it.each(lenientDataChannelVectors)('reads $name', ({ bytes, message }) => {
    expect(decodeDataChannelMessage(bytes)).toEqual(message);
  });

  it.each(invalidDataChannelMessages)('rejects %s', (_, bytes) => {
    expect(() => decodeDataChannelMessage(bytes)).toThrow(ProtocolError);
  });

  it.each(dataChannelVectors)('never misreads $name truncated anywhere', ({ bytes }) => {
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      // `07 c3` without its payload is a valid lock request; nothing else survives a cut.
      if (length === 1 && cut[0] === 0x07) expect(decodeDataChannelMessage(cut)).toEqual({ type: 'lock' });
      else expect(() => decodeDataChannelMessage(cut)).toThrow(ProtocolError);
    }
  });
});
