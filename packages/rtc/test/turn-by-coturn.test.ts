import { once } from 'node:events';
import type { LocalAddress, PacketIo, PacketIoOptions } from '@rtcd/packet-io';
import { encodeIceCandidateInit, RtcMessageType } from '@rtcd/protocol';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTurnCredentials, openSfu, type Sfu, silentLogger, tryAllocation } from '../src/index.ts';
import { joinCall, type Participant } from '../src/testing/index.ts';
import { type Coturn, hasCoturn, startCoturn } from './coturn.ts';
import { openRelayedIo } from './relayed-io.ts';
import { createServerCertificate, trustCertificate } from './server-certificate.ts';

const credentialsOf = ({ secret }: Coturn) => createTurnCredentials({ secret, user: 'test' });

describe.skipIf(!hasCoturn())('with coturn', () => {
  let coturn: Coturn;

  beforeAll(async () => {
    coturn = await startCoturn();
  });

  afterAll(() => coturn?.close());

  it.each(['udp', 'tcp'] as const)('tells that its secret is right over %s', async (transport) => {
    const outcome = await tryAllocation({ url: coturn.url(transport), ...credentialsOf(coturn) });
    expect(outcome).toMatchObject({
      isAllocated: true,
      relayed: { address: '127.0.0.1', port: expect.any(Number) },
      mapped: { address: '127.0.0.1', port: expect.any(Number) },
    });
  });

  it('tells that its secret is wrong', async () => {
    const { username, credential } = createTurnCredentials({ secret: 'south', user: 'test' });
    expect(await tryAllocation({ url: coturn.url(), username, credential })).toMatchObject({
      isAllocated: false,
      code: 401,
    });
  });

  it('tells that credentials have expired', async () => {
    const unixMs = Date.now() - 2 * 60_000;
    const expired = createTurnCredentials({ secret: coturn.secret, user: 'test', unixMs, expirationMinutes: 1 });
    expect(await tryAllocation({ url: coturn.url(), ...expired })).toMatchObject({ isAllocated: false, code: 401 });
  });

  it.each(['udp', 'tcp'] as const)('carries a call over our relay, reached over %s', async (transport) => {
    const { sfu, lines } = await openOurs(coturn, transport);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'relay allocated' }));
    const ada = await join(sfu, 'ada', { candidateType: 'relay' });
    const grace = await join(sfu, 'grace', { candidateType: 'host' });
    await bothHear(ada, grace);
    expect(sfu.inspect('group', 'ada').way).toEqual({ protocol: 'udp', local: 'relay', remote: 'prflx' });
    expect(sfu.inspect('group', 'grace').way).toMatchObject({ local: 'host' });
    expect(sfu.stats().drops).toMatchObject({ turn_malformed: 0, turn_unauthentic: 0, send_relay: 0 });
  });

  it.each(['udp', 'tcp'] as const)("carries a call over the peer's relay, reached over %s", async (transport) => {
    const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
    onTestFinished(() => sfu.close());
    const ada = await join(sfu, 'ada', {
      candidateType: 'host',
      openIo: (handlers) => openRelayed(coturn, transport, sfu, handlers),
    });
    const grace = await join(sfu, 'grace', { candidateType: 'host' });
    await bothHear(ada, grace);
    expect(sfu.inspect('group', 'ada').way).toMatchObject({ local: 'host', remote: 'relay' });
  });

  it('carries a call from relay to relay', async () => {
    const { sfu } = await openOurs(coturn, 'udp');
    const openIo = (handlers: Pick<PacketIoOptions, 'onPackets'>) => openRelayed(coturn, 'tcp', sfu, handlers);
    const ada = await join(sfu, 'ada', { openIo, candidateType: 'relay' });
    const grace = await join(sfu, 'grace', { candidateType: 'host' });
    await bothHear(ada, grace);
    expect(sfu.inspect('group', 'ada').way).toEqual({ protocol: 'udp', local: 'relay', remote: 'relay' });
  });

  it('falls back to TCP where UDP to the server is blocked', async () => {
    const blocked = `turn:127.0.0.1:${coturn.port === 9 ? 10 : 9}?transport=udp`;
    const servers = [{ urls: [blocked, coturn.url('tcp')], ...credentialsOf(coturn) }];
    const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0, turnServers: servers });
    onTestFinished(() => sfu.close());
    expect(sfu.candidates.filter(({ type }) => type === 'relay')).toHaveLength(1);
  });
});

describe.skipIf(!hasCoturn())('with coturn over TLS', () => {
  let certificate: ReturnType<typeof createServerCertificate>;
  let coturn: Coturn;

  beforeAll(async () => {
    certificate = createServerCertificate(['DNS:turn.rtcd.test', 'IP:127.0.0.1']);
    coturn = await startCoturn({ tls: certificate });
  });

  afterAll(async () => {
    await coturn?.close();
    certificate?.remove();
  });

  it.each([
    ['turn.rtcd.test', 'name'],
    ['127.0.0.1', 'address'],
  ])('gets an allocation from %s, since the certificate is for this %s', async (host) => {
    trustCertificate(certificate);
    expect(await tryOverTls(coturn, host)).toMatchObject({ isAllocated: true });
  });

  it('gets none under a name that the certificate is not for', async () => {
    trustCertificate(certificate);
    expect(await tryOverTls(coturn, 'other.rtcd.test')).toMatchObject({
      isAllocated: false,
      isUntrusted: true,
      reason: expect.stringContaining('other.rtcd.test'),
    });
  });

  it('gets none with a certificate of an unknown issuer', async () => {
    expect(await tryOverTls(coturn, 'turn.rtcd.test')).toMatchObject({
      isAllocated: false,
      isUntrusted: true,
      reason: expect.stringContaining('self-signed certificate'),
    });
  });

  it('gives advice on the certificate in the log', async () => {
    const { lines } = await openOurs(coturn, 'tls');
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'relay not allocated',
        advice: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      }),
    );
  });

  it('carries a call over our relay', async () => {
    trustCertificate(certificate);
    const { sfu, lines } = await openOurs(coturn, 'tls');
    expect(lines).toContainEqual(expect.objectContaining({ message: 'relay allocated', url: coturn.url('tls') }));
    const ada = await join(sfu, 'ada', { candidateType: 'relay' });
    const grace = await join(sfu, 'grace', { candidateType: 'host' });
    await bothHear(ada, grace);
    expect(sfu.inspect('group', 'ada').way).toEqual({ protocol: 'udp', local: 'relay', remote: 'prflx' });
  });
});

const tryOverTls = (coturn: Coturn, host: string) =>
  tryAllocation({ url: coturn.url('tls', host), ...credentialsOf(coturn), lookupHost: async () => [coturn.address] });

/** An SFU that makes its own credentials with the secret. */
async function openOurs(coturn: Coturn, transport: 'udp' | 'tcp' | 'tls') {
  const lines: object[] = [];
  const log = (fields: object, message: string) => void lines.push({ ...fields, message });
  const sfu = await openSfu({
    udpAddress: '127.0.0.1',
    udpPort: 0,
    turnServers: [{ urls: [coturn.url(transport)] }],
    turnSecret: coturn.secret,
    logger: { ...silentLogger, info: log, warn: log },
  });
  onTestFinished(() => sfu.close());
  return { sfu, lines };
}

type JoinOptions = Partial<Parameters<typeof joinCall>[1]>;

/** Joins, and tells the SFU the address of the participant, as clients do. */
async function join(sfu: Sfu, sessionID: string, options: JoinOptions = {}): Promise<Participant> {
  const joining = joinCall(sfu, { sessionID, ...options });
  // The port decides nothing: what a TURN server lets through depends on the address.
  trickle(sfu, sessionID, '127.0.0.1', 9, 'host');
  const participant = await joining;
  onTestFinished(() => participant.close());
  return participant;
}

function trickle(sfu: Sfu, sessionID: string, address: string, port: number, type: 'host' | 'relay'): void {
  const candidate = `candidate:1 1 udp 41885439 ${address} ${port} typ ${type}`;
  const data = encodeIceCandidateInit({ candidate, sdpMid: '0' });
  sfu.receive({ groupID: 'group', callID: 'call', userID: 'u', sessionID, type: RtcMessageType.ICE, data });
}

async function bothHear(ada: Participant, grace: Participant): Promise<void> {
  await Promise.all([ada.hears('grace'), grace.hears('ada')]);
  const timer = setInterval(() => {
    ada.sendVoice();
    grace.sendVoice();
  }, 20);
  onTestFinished(() => clearInterval(timer));
  while ((ada.received('grace')?.packets ?? 0) < 20) await once(ada, 'voice');
  while ((grace.received('ada')?.packets ?? 0) < 20) await once(grace, 'voice');
  clearInterval(timer);
}

/** Sockets of ada, who reaches nothing but a TURN server, and names her address there. */
async function openRelayed(
  coturn: Coturn,
  transport: 'udp' | 'tcp',
  sfu: Sfu,
  handlers: Pick<PacketIoOptions, 'onPackets'>,
): Promise<PacketIo> {
  const io = await openRelayedIo({ ...handlers, url: coturn.url(transport), credentials: credentialsOf(coturn) });
  const [{ address, port }] = io.localAddresses as [LocalAddress];
  trickle(sfu, 'ada', address, port, 'relay');
  return io;
}
