import { describe, expect, it } from 'vitest';
import { checkSessionConfig, sessionConfigFromJSON, sessionConfigToJSON } from './session-config.ts';
import { sampleSessionConfig } from './testing/samples.ts';

describe('checkSessionConfig', () => {
  it('accepts a full config, also without a channel', () => {
    checkSessionConfig(sampleSessionConfig({ props: { channelID: '' } }));
  });

  it.each([
    ['groupID', 'GroupID'],
    ['callID', 'CallID'],
    ['userID', 'UserID'],
    ['sessionID', 'SessionID'],
  ] as const)('names an empty %s', (key, name) => {
    expect(() => checkSessionConfig(sampleSessionConfig({ [key]: '' }))).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: `invalid ${name} value: should not be empty` }),
    );
  });

  it.each([
    [{ groupID: '', callID: '', userID: '', sessionID: '' }, 'GroupID'],
    [{ callID: '', userID: '', sessionID: '' }, 'CallID'],
    [{ userID: '', sessionID: '' }, 'UserID'],
  ])('of %j names %s first', (overrides, name) => {
    expect(() => checkSessionConfig(sampleSessionConfig(overrides))).toThrow(`invalid ${name} value`);
  });
});

describe('JSON form', () => {
  it('has the names of the HTTP API', () => {
    const config = {
      groupID: 'g',
      callID: 'c',
      userID: 'u',
      sessionID: 's',
      props: { channelID: 'ch', av1Support: true, dcSignaling: false },
    };
    expect(JSON.stringify(sessionConfigToJSON(config))).toBe(
      '{"GroupID":"g","CallID":"c","UserID":"u","SessionID":"s",' +
        '"Props":{"channelID":"ch","av1Support":true,"dcSignaling":false}}',
    );
  });

  it('reads null props as none', () => {
    const json = { GroupID: 'g', CallID: 'c', UserID: 'u', SessionID: 's', Props: null };
    expect(sessionConfigFromJSON(json).props).toEqual({ channelID: '', av1Support: false, dcSignaling: false });
  });

  it.each([null, 'text', [], { GroupID: 1 }])('rejects %j', (value) => {
    expect(() => sessionConfigFromJSON(value)).toThrow(expect.objectContaining({ code: 'invalid_message' }));
  });
});
