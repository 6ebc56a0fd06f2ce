import { createTurnCredentials } from '@rtcd/rtc';

const unixMs = Date.UTC(2026, 0, 1); // by default, now
const { username, credential } = createTurnCredentials({
  secret: 'north',
  user: 'alice',
  expirationMinutes: 60,
  unixMs,
});
const configuration = { iceServers: [{ urls: 'turn:turn.example.com', username, credential }] }; // for the peer's RTCPeerConnection
console.log(`${configuration.iceServers.length} server for ${username}`); // 1 server for 1767229200:alice
