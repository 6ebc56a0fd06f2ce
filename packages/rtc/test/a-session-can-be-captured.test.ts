import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PcapngWriter } from '../src/inspect/pcapng.ts';
import { rtpHeaderLength, ssrcOf } from '../src/rtp/header.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { readPcapng } from './read-pcapng.ts';

let call: SimulatedCall;
let alice: Participant;
let bob: Participant;

beforeEach(async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  alice = await call.join('alice');
  bob = await call.join('bob');
  call.speak([alice, bob], 1_000);
});

afterEach(() => call.close());

const capture = (work: () => void): Buffer => {
  const running = call.sfu.capture('group', 'alice');
  work();
  return Buffer.from(running.stop());
};

describe('a capture', () => {
  it('contains the packets of one session in both directions, with times and addresses', () => {
    const startMs = call.clock.unixMs();
    const { linkType, packets, dropped } = readPcapng(capture(() => call.speak([alice, bob], 3_000)));
    expect([linkType, dropped]).toEqual([252, 0]);
    const path = call.sfu.inspect('group', 'alice').path!.split(' ')[1]!;
    const countOf = (protocol: string, direction: string) =>
      packets.filter((packet) => packet.protocol === protocol && packet.direction === direction).length;
    expect([countOf('rtp', 'inbound'), countOf('rtp', 'outbound')]).toEqual([150, 150]);
    expect(countOf('rtcp', 'outbound')).toBeGreaterThanOrEqual(2);
    for (const { direction, source, destination } of packets) {
      const ends = [path, '192.0.2.1:8443'];
      expect([source, destination]).toEqual(direction === 'inbound' ? ends : ends.reverse());
    }
    const times = packets.map(({ unixMs }) => unixMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]! - startMs).toBeLessThan(40);
    expect(times.at(-1)! - startMs).toBeGreaterThan(2_900);
  });

  it('contains the headers of RTP with the original lengths, and no byte of the payload', () => {
    const file = capture(() => call.speak([alice, bob], 200));
    const [incoming] = call.sfu.inspect('group', 'alice').incoming;
    const [outgoing] = call.sfu.inspect('group', 'alice').outgoing;
    const rtp = readPcapng(file).packets.filter(({ protocol }) => protocol === 'rtp');
    for (const { bytes, originalLength, direction } of rtp) {
      const [first = 0] = bytes;
      const whole = Buffer.concat([Buffer.of(first & ~0x20), bytes.subarray(1)]);
      expect(rtpHeaderLength(whole)).toBe(bytes.length);
      expect(originalLength).toBeGreaterThan(bytes.length);
      expect(ssrcOf(bytes)).toBe(direction === 'inbound' ? incoming!.ssrc : outgoing!.ssrc);
    }
    expect(rtp).toHaveLength(20);
  });

  it('ends with `stop`, and leaves room for the next one', () => {
    const running = call.sfu.capture('group', 'alice');
    expect(() => call.sfu.capture('group', 'alice')).toThrow(expect.objectContaining({ code: 'too_many_captures' }));
    expect(running.stop().length).toBeGreaterThan(0);
    expect(running.stop()).toHaveLength(0);
    for (let round = 0; round < 10; round++) capture(() => {});
    expect(readPcapng(capture(() => {})).packets).toEqual([]);
  });

  it('is one of four at most, counted until they are stopped and not until their sessions end', async () => {
    const names = ['carol', 'dave', 'erin'];
    for (const name of names) await call.join(name);
    const running = ['alice', 'bob', 'carol', 'dave'].map((name) => call.sfu.capture('group', name));
    const start = () => call.sfu.capture('group', 'erin');
    expect(start).toThrow(expect.objectContaining({ code: 'too_many_captures' }));
    call.sfu.leave('group', 'bob');
    expect(start).toThrow(expect.objectContaining({ code: 'too_many_captures' }));
    expect(readPcapng(Buffer.from(running[1]!.stop())).linkType).toBe(252);
    start().stop();
  });

  it('throws for an unknown session', () => {
    expect(() => call.sfu.capture('group', 'nobody')).toThrow(expect.objectContaining({ code: 'unknown_session' }));
  });

  const hasTshark = spawnSync('tshark', ['--version']).status === 0;
  it.skipIf(!hasTshark)('is read by Wireshark as RTP streams without a hint (if tshark is in the PATH)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtcd-capture-'));
    try {
      const path = join(folder, 'session.pcapng');
      writeFileSync(
        path,
        capture(() => call.speak([alice, bob], 3_000)),
      );
      const { stdout } = spawnSync('tshark', ['-r', path, '-q', '-z', 'rtp,streams'], { encoding: 'utf8' });
      expect(stdout.match(/0x[0-9A-F]{8}/g)).toHaveLength(2);
      expect(stdout.match(/ 150 +0 \(0\.0%\)/g)).toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('PcapngWriter', () => {
  it('keeps a file within its bytes, and counts the packets that do not fit', () => {
    const writer = new PcapngWriter(500);
    const tags = Buffer.from('000c0004727470000000 0000'.replace(' ', ''), 'hex');
    for (let packet = 0; packet < 20; packet++) writer.add(tags, Buffer.alloc(13), 100, 'inbound', 1.5);
    const file = writer.finish(2);
    const { packets, dropped } = readPcapng(file);
    expect(packets.length).toBeGreaterThan(3);
    expect(packets.length + dropped).toBe(20);
    expect(packets[0]).toMatchObject({ unixMs: 1.5, protocol: 'rtp', source: '', originalLength: 100 });
    expect(file.length).toBeLessThanOrEqual(500 + 40);
  });
});
