import { createFakeClock } from '@rtcd/ws/testing';
import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

const MINUTE_MS = 60_000;

/** A client comes, has a call of one, and leaves again. */
function call({ rtc, ws }: ReturnType<typeof createMetrics>, clientID: string): void {
  ws.connectionOpened(clientID);
  ws.messageReceived(clientID, 'join');
  rtc.sessionOpened(clientID);
  rtc.connectionTime(clientID, 0.1);
  rtc.trackAdded(clientID, 'in', 'audio/opus');
  rtc.trackWriteTime(clientID, 'voice')(0.001);
  rtc.trackRemoved(clientID, 'in', 'audio/opus');
  rtc.sessionClosed(clientID);
  ws.connectionClosed(clientID);
}

async function linesAbout(metrics: ReturnType<typeof createMetrics>, client: string): Promise<number> {
  const { body } = await metrics.scrape();
  return body.split('\n').filter((line) => line.includes(client)).length;
}

it('has no series of clients that have been gone for five minutes, and those of the others', async () => {
  const clock = createFakeClock();
  const metrics = createMetrics(clock);
  metrics.ws.connectionOpened('here');
  metrics.rtc.connectionTime('here', 0.1);
  const ofOneThatIsHere = await linesAbout(metrics, '"here"');
  for (let client = 0; client < 150; client++) call(metrics, `gone ${client}`);
  const ofThoseGone = await linesAbout(metrics, '"gone ');
  expect(ofThoseGone).toBeGreaterThan(150 * 20);
  clock.advance(4 * MINUTE_MS);
  expect(await linesAbout(metrics, '"gone ')).toBe(ofThoseGone);
  clock.advance(MINUTE_MS);
  expect(await linesAbout(metrics, '"gone ')).toBe(0);
  expect(await linesAbout(metrics, '"here"')).toBe(ofOneThatIsHere);
});

it('counts on for a client that returns in time, and anew for one that returns later', async () => {
  const clock = createFakeClock();
  const metrics = createMetrics(clock);
  const joins = async () => /^rtcd_ws_messages_total\{.*"join".*\} (\d+)$/m.exec((await metrics.scrape()).body)?.[1];
  call(metrics, 'client');
  await joins();
  clock.advance(4 * MINUTE_MS);
  call(metrics, 'client');
  expect(await joins()).toBe('2');
  clock.advance(5 * MINUTE_MS);
  expect(await joins()).toBeUndefined();
  call(metrics, 'client');
  expect(await joins()).toBe('1');
});

it('has short labels for clients with long IDs', async () => {
  const metrics = createMetrics(createFakeClock());
  call(metrics, `${'x'.repeat(1000)}1`);
  call(metrics, `${'x'.repeat(1000)}2`);
  const { body } = await metrics.scrape();
  expect(new Set(body.match(/x{48}~[0-9a-f]{32}/g)).size).toBe(2);
  expect(body).not.toContain('x'.repeat(49));
});
