import { describe, expect, it } from 'vitest';
import { Event, RTCDataChannel, RTCDataChannelParameters, RTCSctpTransport } from 'werift';
import { type DataChannel, DataChannels } from '../src/sctp/data-channels.ts';

/** werift's SCTP and data channels as the active side, joined to ours in memory. */
async function connectWerift() {
  const transport = new RTCSctpTransport(5000);
  const dtls = {
    id: 'in-memory',
    iceTransport: { role: 'controlling' },
    onStateChange: new Event<[string]>(),
    dataReceiver: undefined as ((packet: Buffer) => void) | undefined,
    async sendData(packet: Buffer) {
      const copy = Buffer.from(packet);
      setImmediate(() => channels.receive(copy, performance.now()));
    },
  };
  const opened = new Event<[DataChannel]>();
  const messages = new Event<[DataChannel, Uint8Array | string]>();
  const closed = new Event<[DataChannel]>();
  const channels = new DataChannels(
    {},
    {
      transmit: (packet) => setImmediate(() => dtls.dataReceiver?.(Buffer.from(packet))),
      onChannelOpen: (channel) => opened.execute(channel),
      onMessage: (channel, data) => messages.execute(channel, typeof data === 'string' ? data : Buffer.from(data)),
      onChannelClosed: (channel) => closed.execute(channel),
      onClosed: () => {},
    },
  );
  transport.setDtlsTransport(dtls as unknown as Parameters<typeof transport.setDtlsTransport>[0]);
  const remote = new RTCDataChannel(transport, new RTCDataChannelParameters({ label: 'calls-dc', protocol: 'p' }));
  const [[local]] = await Promise.all([opened.asPromise(), transport.start(5000)]);
  return { transport, channels, remote, local, opened, messages, closed, dtls };
}

describe('data channels with werift as the active side', () => {
  it('open, and carry small and large messages both ways', async () => {
    const { transport, channels, remote, local, messages } = await connectWerift();
    expect(local).toMatchObject({ label: 'calls-dc', protocol: 'p', ordered: true });

    const small = messages.asPromise();
    remote.send('hello');
    expect((await small)[1]).toBe('hello');

    const echoed = remote.onMessage.asPromise();
    channels.send(local, new Uint8Array([1, 2, 3]), performance.now());
    expect(await echoed).toEqual([Buffer.from([1, 2, 3])]);

    const large = Buffer.alloc(65_536, 'rtcd');
    const received = messages.asPromise();
    remote.send(large);
    expect(large.equals((await received)[1] as Buffer)).toBe(true);

    const back = remote.onMessage.asPromise();
    channels.send(local, large, performance.now());
    expect(large.equals((await back)[0] as Buffer)).toBe(true);
    await transport.stop();
  });

  it('carry a burst of a thousand messages in order', async () => {
    const { transport, channels, remote, local } = await connectWerift();
    const received: string[] = [];
    const sent = Array.from({ length: 1000 }, (_, index) => `message ${index}`);
    const all = new Promise<void>((resolve) => {
      remote.onMessage.subscribe((data) => {
        received.push(String(data));
        if (received.length === sent.length) resolve();
      });
    });
    for (const message of sent) channels.send(local, message, performance.now());
    await all;
    expect(received).toEqual(sent);
    await transport.stop();
  });

  it('close for both, whoever closes', async () => {
    const first = await connectWerift();
    const seen = first.closed.asPromise();
    // werift resets a stream in answer only if it has sent on it.
    first.remote.send('x');
    await first.messages.asPromise();
    first.remote.close();
    expect((await seen)[0]).toBe(first.local);
    await first.transport.stop();

    const second = await connectWerift();
    const gone = second.closed.asPromise();
    second.channels.closeChannel(second.local, performance.now());
    expect((await gone)[0]).toBe(second.local);
    expect(second.remote.readyState).toBe('closed');
    await second.transport.stop();
  });

  it('end when werift aborts', async () => {
    const { transport, channels, closed, local } = await connectWerift();
    const seen = closed.asPromise();
    await transport.stop();
    expect((await seen)[0]).toBe(local);
    expect(channels.state).toBe('closed');
  });
});
