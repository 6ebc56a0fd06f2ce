import { expect, it } from 'vitest';
import { decodeIceCandidate, encodeIceCandidate, encodeIceCandidateInit } from './ice-candidate.ts';

const candidate = {
  candidate: 'candidate:1 1 udp 2130706431 192.0.2.1 54321 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: null,
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

it('is sent to the peer in an envelope', () => {
  expect(text(encodeIceCandidate(candidate))).toBe(
    '{"type":"candidate","candidate":{"candidate":"candidate:1 1 udp 2130706431 192.0.2.1 54321 typ host",' +
      '"sdpMid":"0","sdpMLineIndex":0,"usernameFragment":null}}',
  );
});

it('is read from the peer bare, without the missing fields', () => {
  expect(text(encodeIceCandidateInit({ candidate: '' }))).toBe('{"candidate":""}');
});

it('reads what browsers add and ignores it', () => {
  const json = JSON.stringify({ ...candidate, relayProtocol: null, url: '' });
  expect(decodeIceCandidate(new TextEncoder().encode(json))).toEqual(candidate);
});
