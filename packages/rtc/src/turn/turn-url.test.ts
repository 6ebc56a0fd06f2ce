import { expect, it } from 'vitest';
import { parseTurnUrl } from './turn-url.ts';

it.each([
  ['turn:turn.example.com', { transport: 'udp', host: 'turn.example.com', port: 3478 }],
  ['turn:turn.example.com:80?transport=tcp', { transport: 'tcp', host: 'turn.example.com', port: 80 }],
  ['turn:192.0.2.1:3478?transport=udp', { transport: 'udp', host: '192.0.2.1', port: 3478 }],
  ['turn:[2001:db8::1]:3479', { transport: 'udp', host: '2001:db8::1', port: 3479 }],
  ['turns:turn.example.com', { transport: 'tls', host: 'turn.example.com', port: 5349 }],
  ['TURNS:turn.example.com:443?transport=tcp', { transport: 'tls', host: 'turn.example.com', port: 443 }],
])('%s is read', (url, parts) => {
  expect(parseTurnUrl(url)).toEqual({ url, ...parts });
});

it.each([
  'stun:turn.example.com',
  'turn:',
  'turn:host:0',
  'turn:host:65536',
  'turn:host?transport=sctp',
  'turns:host?transport=udp',
  'turn:a b',
  'turn://host',
  'turn:user@host',
  'turn:[host',
  'turn:-',
])('%s is not', (url) => {
  expect(parseTurnUrl(url)).toBeUndefined();
});
