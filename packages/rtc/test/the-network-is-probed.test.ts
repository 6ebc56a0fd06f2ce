import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeNetwork } from '../src/index.ts';
import { type Clock, systemClock } from '../src/ports.ts';
import { BINDING, StunAttribute } from '../src/stun/attributes.ts';
import { transactionIdOf } from '../src/stun/message.ts';
import { writeStunMessage } from '../src/stun/write.ts';

const PUBLIC = { address: '203.0.113.7', port: 8443 };
const ONE = { udpAddress: '127.0.0.1', udpPort: 0 };

async function socketOn(address: string): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket;
}

const isChangeRequest = (request: Buffer) => request.readUInt16BE(20) === StunAttribute.changeRequest;

/** An answer, with the OTHER-ADDRESS of a server that has one: the last attribute but FINGERPRINT, which is optional. */
function answerTo(request: Buffer, other: Socket | undefined): Buffer {
  const transactionId = Uint8Array.from(transactionIdOf(request));
  const message = writeStunMessage({
    messageClass: 'success',
    method: BINDING,
    transactionId,
    xorMappedAddress: PUBLIC,
  });
  if (other === undefined) return message;
  const { address, port } = other.address();
  const attribute = Buffer.from([0x80, 0x2c, 0, 8, 0, 1, port >> 8, port & 0xff, ...address.split('.').map(Number)]);
  const withOther = Buffer.concat([message.subarray(0, -8), attribute]);
  withOther.writeUInt16BE(withOther.length - 20, 2);
  return withOther;
}

/** A server that answers a CHANGE-REQUEST from its other address, or drops it as a firewall in front of us would. */
async function startServer({ hasOther = true, dropsOther = false } = {}) {
  const socket = await socketOn('127.0.0.1');
  const other = hasOther ? await socketOn('127.0.0.2') : undefined;
  socket.on('message', (request: Buffer, from: RemoteInfo) => {
    if (isChangeRequest(request) && dropsOther) return;
    (isChangeRequest(request) ? other : socket)?.send(answerTo(request, other), from.port, from.address);
  });
  return `stun:127.0.0.1:${socket.address().port}`;
}

describe('probeNetwork', () => {
  it('returns the addresses as they would be advertised, and what the STUN server sees', async () => {
    const server = await startServer({ hasOther: false });
    const { addresses, stun, bindError } = await probeNetwork({ ...ONE, stunServers: [server] });
    const port = addresses[0]!.socket!.port;
    expect(addresses[0]).toMatchObject({
      interfaceName: 'lo',
      address: '127.0.0.1',
      advertised: [{ address: '127.0.0.1', port }, PUBLIC],
      reason: 'public_address',
    });
    expect(stun).toEqual([{ server, local: { address: '127.0.0.1', port }, mapped: PUBLIC }]);
    expect(bindError).toBeUndefined();
  });

  it('asks more servers, also with an override', async () => {
    const server = await startServer({ hasOther: false });
    const { addresses, stun } = await probeNetwork({ ...ONE, hostOverride: '203.0.113.9' }, [server]);
    expect(addresses[0]).toMatchObject({ advertised: [{ address: '203.0.113.9' }], reason: 'host_override' });
    expect(stun).toMatchObject([{ server, mapped: PUBLIC }]);
  });

  it.each([
    ['open', false],
    ['closed', true],
  ])(
    'finds out whether a port is %s to strangers',
    async (_, dropsOther) => {
      const server = await startServer({ dropsOther });
      const { stun } = await probeNetwork(ONE, [server]);
      expect(stun).toMatchObject([{ mapped: PUBLIC, isOpen: !dropsOther }]);
    },
    15_000,
  );

  it('reports the silence of a server', async () => {
    const silent = await socketOn('127.0.0.1');
    const server = `stun:127.0.0.1:${silent.address().port}`;
    const { stun } = await probeNetwork(ONE, [server]);
    expect(stun).toEqual([{ server, local: expect.anything() }]);
  }, 15_000);

  it('finds out whether a packet to an override comes back', async () => {
    const both = { udpAddress: '127.0.0.1,127.0.0.2', udpPort: (await socketOn('127.0.0.3')).address().port };
    const here = await probeNetwork({ ...both, hostOverride: '127.0.0.2/127.0.0.1' });
    expect(here.arrivals).toEqual([{ address: '127.0.0.2', port: both.udpPort, hasArrived: true }]);
    const elsewhere = await probeNetwork({ ...both, hostOverride: '127.0.0.9/127.0.0.1' });
    expect(elsewhere.arrivals).toMatchObject([{ address: '127.0.0.9', hasArrived: false }]);
  });

  it('continues with other ports if those of the sockets are in use', async () => {
    const taken = await socketOn('127.0.0.1');
    const { port } = taken.address();
    const { bindError, addresses } = await probeNetwork({ udpAddress: '127.0.0.1', udpPort: port });
    expect(bindError).toMatchObject({ code: 'address_in_use' });
    expect(addresses[0]).toMatchObject({ socket: { port }, advertised: [{ address: '127.0.0.1', port }] });
  });

  it('reports an address of another machine without sockets', async () => {
    const { bindError, addresses, stun } = await probeNetwork({ udpAddress: '192.0.2.77' }, [await startServer()]);
    expect(bindError).toMatchObject({ code: 'address_not_available' });
    expect(addresses).toContainEqual({
      interfaceName: 'lo',
      address: '127.0.0.1',
      advertised: [],
      reason: 'not_listed',
    });
    expect(stun).toEqual([]);
  });

  it.each([
    ['the sockets cannot be bound', { udpAddress: '192.0.2.77' }],
    ['an option cannot be meant', { udpAddress: 'no address' }],
    ['all goes well', ONE],
  ])('leaves no work behind when %s', async (_, listen) => {
    const pending = new Set<unknown>();
    const clock: Clock = {
      ...systemClock,
      setTimer: (callback, delayMs) => {
        const timer = systemClock.setTimer(() => {
          pending.delete(timer);
          callback();
        }, delayMs);
        pending.add(timer);
        return timer;
      },
      clearTimer: (timer) => {
        pending.delete(timer);
        systemClock.clearTimer(timer);
      },
    };
    const lookupHost = () => Promise.reject(new Error('unknown name'));
    await probeNetwork({ ...listen, hostOverride: 'unknown.test', lookupHost, clock }).catch(() => {});
    expect(pending.size).toBe(0);
  });

  it('refuses options that cannot be meant', async () => {
    await expect(probeNetwork({ ...ONE, hostOverride: '1.2.3.400' })).rejects.toMatchObject({ code: 'invalid_option' });
  });
});
