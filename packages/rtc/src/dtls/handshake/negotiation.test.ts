import { describe, expect, it } from 'vitest';
import { BROWSER_OFFER, type DtlsOffer, newClientHello } from '../../peer/dtls-offer.ts';
import { NamedGroup } from '../crypto/key-share.ts';
import { type ClientHello, RANDOM_SIZE } from '../messages/client-hello.ts';
import { ExtensionType, NO_RENEGOTIATION } from '../messages/extensions.ts';
import { DTLS_1_0 } from '../record/record.ts';
import { negotiate } from './negotiation.ts';

const hello = (offer: Partial<DtlsOffer> = {}): ClientHello =>
  newClientHello({ ...BROWSER_OFFER, ...offer }, Buffer.alloc(RANDOM_SIZE));

function withExtension(type: number, body: Buffer | undefined): ClientHello {
  const extensions = new Map(hello().extensions);
  if (body) extensions.set(type, body);
  else extensions.delete(type);
  return { ...hello(), extensions };
}

describe('negotiate', () => {
  it('prefers X25519 and AEAD, in any order', () => {
    const agreement = negotiate(hello({ groups: [0x11ec, 23, 29], srtpProfiles: [1, 5, 7] }));
    expect(agreement).toMatchObject({ group: NamedGroup.x25519, srtpProfile: 'AEAD_AES_128_GCM' });
  });

  it('accepts P-256 and AES-CM from a client that has nothing else', () => {
    const agreement = negotiate(hello({ groups: [23], srtpProfiles: [1] }));
    expect(agreement).toMatchObject({ group: NamedGroup.secp256r1, srtpProfile: 'AES_CM_128_HMAC_SHA1_80' });
  });

  it('answers the extensions that the client has sent, and no other', () => {
    const { renegotiationInfo, ecPointFormats, useSrtp, extendedMasterSecret } = ExtensionType;
    const all = [renegotiationInfo, ecPointFormats, useSrtp, extendedMasterSecret];
    expect(new Set(negotiate(hello())?.extensions.keys())).toEqual(new Set<number>(all));
    const without = negotiate(withExtension(ecPointFormats, undefined));
    expect(without?.extensions.has(ecPointFormats)).toBe(false);
  });

  it('treats the signaling cipher suite as an empty renegotiation_info', () => {
    const bare = withExtension(ExtensionType.renegotiationInfo, undefined);
    expect(negotiate(bare)?.extensions.has(ExtensionType.renegotiationInfo)).toBe(false);
    const signaled = negotiate({ ...bare, cipherSuites: [...bare.cipherSuites, 0x00ff] });
    expect(signaled?.extensions.get(ExtensionType.renegotiationInfo)).toEqual(NO_RENEGOTIATION);
  });

  it.each<[string, ClientHello]>([
    ['speaks DTLS 1.0 only', hello({ version: DTLS_1_0 })],
    ['speaks TLS', hello({ version: 0x0303 })],
    ['lacks the cipher suite', hello({ cipherSuites: [0xc02f, 0xc00a] })],
    ['lacks both groups', hello({ groups: [24] })],
    ['lacks ECDSA with SHA-256', hello({ signatureSchemes: [0x0401, 0x0503] })],
    ['lacks both SRTP profiles', hello({ srtpProfiles: [2, 8] })],
    ['lacks extended master secret', hello({ extendedMasterSecret: false })],
    ['insists on compression', { ...hello(), compressionMethods: Buffer.of(1) }],
    ['renegotiates', withExtension(ExtensionType.renegotiationInfo, Buffer.of(2, 1, 1))],
    [
      'has an extended_master_secret with something in it',
      withExtension(ExtensionType.extendedMasterSecret, Buffer.of(0)),
    ],
    ['has malformed groups', withExtension(ExtensionType.supportedGroups, Buffer.of(0, 3, 0, 29, 0))],
    ['has malformed profiles', withExtension(ExtensionType.useSrtp, Buffer.of(0, 2, 0, 7))],
    ['has no extensions at all', { ...hello(), extensions: new Map() }],
  ])('refuses a client that %s', (_, refused) => {
    expect(negotiate(refused)).toBeUndefined();
  });
});
