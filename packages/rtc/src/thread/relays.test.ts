import { PacketIoError } from '@rtcd/packet-io';
import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { type Logger, type RtcMetrics, silentMetrics } from '../ports.ts';
import { LogRecorder, replayLog } from './log-relay.ts';
import { MetricsRecorder, replayMetrics } from './metrics-relay.ts';
import { fromPlainError, toPlainError } from './plain-error.ts';

describe('metrics', () => {
  /** Metrics that record how they are called. */
  function recordingMetrics() {
    const calls: unknown[][] = [];
    const record = (...call: unknown[]) => void calls.push(call);
    const metrics = {
      sessionOpened: (groupID: string) => record('sessionOpened', groupID),
      clientRtt: (groupID: string, seconds: number) => record('clientRtt', groupID, seconds),
      trackWriteTime: (groupID: string, type: string) => (seconds: number) => record('write', groupID, type, seconds),
      receiverReport: (groupID: string, type: string) => (loss: number, roundTrip?: number) =>
        record('report', groupID, type, loss, roundTrip),
    } as unknown as RtcMetrics;
    return { calls, metrics };
  }

  it('are counted on the other thread as they were observed', () => {
    const recorder = new MetricsRecorder();
    const { calls, metrics } = recordingMetrics();
    const observe = recorder.metrics.trackWriteTime('group', 'voice');
    const report = recorder.metrics.receiverReport('group', 'screen');
    recorder.metrics.sessionOpened('group');
    recorder.metrics.clientRtt('group', 0.2);
    observe(0.5);
    report(0.1, undefined);
    replayMetrics(structuredClone(recorder.take()), metrics);
    expect(calls).toEqual([
      ['sessionOpened', 'group'],
      ['clientRtt', 'group', 0.2],
      ['write', 'group', 'voice', 0.5],
      ['report', 'group', 'screen', 0.1, undefined],
    ]);

    calls.length = 0;
    report(0, 0.3);
    observe(0.25);
    replayMetrics(structuredClone(recorder.take()), metrics);
    expect(calls).toEqual([
      ['report', 'group', 'screen', 0, 0.3],
      ['write', 'group', 'voice', 0.25],
    ]);
  });

  it('that are too many are left out and counted', () => {
    const recorder = new MetricsRecorder();
    const observe = recorder.metrics.trackWriteTime('group', 'voice');
    for (let count = 0; count < 60_000; count++) observe(count);
    const { boundValues, dropped } = recorder.take();
    expect(boundValues.length / 3 + dropped).toBe(60_000);
    expect(dropped).toBeGreaterThan(0);
    expect(recorder.take()).toMatchObject({ boundValues: new Float64Array(0), dropped: 0 });
  });

  it('that count are never left out, and take no memory for each', () => {
    const recorder = new MetricsRecorder();
    for (let count = 0; count < 60_000; count++) {
      recorder.metrics.trackAdded('group', 'out', 'audio/opus');
      recorder.metrics.clientRtt('group', count);
      if (count % 2 === 0) recorder.metrics.trackRemoved('group', 'out', 'audio/opus');
    }
    const batch = recorder.take();
    expect(batch.counts).toHaveLength(2);
    expect(batch.values.length + batch.dropped).toBe(60_000);
    let tracks = 0;
    replayMetrics(batch, {
      ...silentMetrics,
      trackAdded: () => void tracks++,
      trackRemoved: () => void tracks--,
    });
    expect(tracks).toBe(30_000);
    expect(recorder.take()).toMatchObject({ counts: [], values: [], dropped: 0 });
  });
});

describe('log lines', () => {
  it('are written on the other thread, with the fields of their loggers and the codes of errors', () => {
    const recorder = new LogRecorder(() => {});
    const err = new RtcError('invalid_sdp', 'no media section', { cause: new Error('cause') });
    recorder.logger({ part: 'engine' }).child({ sessionID: 'alice' }).warn({ err }, 'offer refused');
    const lines: unknown[][] = [];
    const at = (level: string) => (fields: object, message: string) => void lines.push([level, fields, message]);
    const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as unknown as Logger;
    replayLog(structuredClone(recorder.take()), logger);
    expect(lines).toMatchObject([
      ['warn', { part: 'engine', sessionID: 'alice', err: { type: 'RtcError', code: 'invalid_sdp' } }, 'offer refused'],
    ]);
  });

  it('that are too many are left out and counted', () => {
    const recorder = new LogRecorder(() => {});
    for (let count = 0; count < 1_500; count++) recorder.logger().info({ count }, 'line');
    const { lines, dropped } = recorder.take();
    expect(lines.length + dropped).toBe(1_500);
    expect(dropped).toBe(500);
  });
});

describe('errors', () => {
  it.each([
    new RtcError('too_many_sessions', 'full', { cause: new TypeError('cause') }),
    new PacketIoError('address_in_use', 'taken'),
    Object.assign(new Error('no such file'), { code: 'ENOENT' }),
  ])('are of their class again: %s', (error) => {
    const crossed = fromPlainError(structuredClone(toPlainError(error)));
    expect(crossed).toBeInstanceOf(error.constructor);
    expect(crossed).toMatchObject({ name: error.name, message: error.message, code: error.code, stack: error.stack });
    expect((crossed.cause as Error | undefined)?.message).toBe((error.cause as Error | undefined)?.message);
  });

  it('are made of anything that is thrown', () => {
    expect(fromPlainError(toPlainError('text'))).toMatchObject({ message: 'text' });
    expect(fromPlainError(toPlainError(undefined))).toMatchObject({ message: 'undefined' });
  });
});
