import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SrtpProfile } from '@rtcd/packet-io';
import { describe, expect, it } from 'vitest';
import { CipherContext, DtlsClient, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from 'werift';
import { createDtlsCertificate } from '../src/dtls/crypto/certificate.ts';
import { certificateFingerprint } from '../src/dtls/crypto/fingerprint.ts';
import { openUdpDtlsServer } from './udp-dtls-server.ts';

const PROFILES = [
  ['AEAD_AES_128_GCM', 7, 12],
  ['AES_CM_128_HMAC_SHA1_80', 1, 14],
] as const satisfies readonly (readonly [SrtpProfile, number, number])[];

async function connect(srtpProfiles: (1 | 7)[]) {
  const { certPem, keyPem, signatureHash } = await CipherContext.createSelfSignedCertificateWithKey(
    { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    NamedCurveAlgorithm.secp256r1_23,
  );
  const udp = await openUdpDtlsServer({
    certificate: createDtlsCertificate(),
    remoteFingerprint: {
      algorithm: 'sha-256',
      value: certificateFingerprint(new X509Certificate(certPem).raw),
    },
  });
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const transport = {
    type: 'udp',
    address: socket.address(),
    closed: false,
    onData: (_: Buffer) => {},
    send: async (datagram: Buffer) => socket.send(datagram, udp.port, '127.0.0.1'),
    close: async () => void socket.close(),
  };
  socket.on('message', (datagram) => transport.onData(datagram));
  const client = new DtlsClient({
    cert: certPem,
    key: keyPem,
    signatureHash,
    transport,
    srtpProfiles,
    extendedMasterSecret: true,
  });
  const clientConnected = client.onConnect.asPromise();
  client.connect().catch((error) => client.onError.execute(error));
  return {
    udp,
    client,
    clientConnected,
    async close() {
      client.close();
      await udp.close();
    },
  };
}

describe("werift's DTLS client", () => {
  it.each(PROFILES)('connects with %s, and exports the same keys', async (profile, codePoint, saltSize) => {
    const { udp, client, clientConnected, close } = await connect([codePoint]);
    const [{ local, remote }] = await Promise.all([udp.connected, clientConnected]);
    const theirs = client.extractSessionKeys(16, saltSize);

    expect(local.profile).toBe(profile);
    expect(theirs.remoteKey).toEqual(local.masterKey);
    expect(theirs.remoteSalt).toEqual(local.masterSalt);
    expect(theirs.localKey).toEqual(remote.masterKey);
    expect(theirs.localSalt).toEqual(remote.masterSalt);
    await close();
  });

  it('exchanges application data', async () => {
    const { udp, client, clientConnected, close } = await connect([7, 1]);
    await Promise.all([udp.connected, clientConnected]);
    const answer = client.onData.asPromise();
    await client.send(Buffer.from('from werift'));
    expect((await udp.nextData()).toString()).toBe('from werift');
    udp.server.send(Buffer.from('from us'));
    expect((await answer).toString()).toBe('from us');
    await close();
  });
});
