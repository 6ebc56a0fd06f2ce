import { describe, expect, it } from 'vitest';
import type { LoadedAddon } from '../native/native-addon.ts';
import { defaultPlane } from './choose-plane.ts';

const LOADED = { addon: {} } as LoadedAddon;

describe('the default plane', () => {
  it('is the native one if it is built', () => {
    expect(defaultPlane({}, LOADED)).toEqual({ plane: 'native' });
    expect(defaultPlane({ RTCD_PACKET_PLANE: '' }, LOADED)).toEqual({ plane: 'native' });
    expect(defaultPlane({}, {})).toEqual({ plane: 'typescript' });
  });

  it('is the one in TypeScript if the native one cannot be loaded, and says why', () => {
    expect(defaultPlane({}, { problem: 'wrong ELF class' })).toEqual({
      plane: 'typescript',
      problem: 'wrong ELF class',
    });
  });

  it('is that of the environment variable, built or not', () => {
    expect(defaultPlane({ RTCD_PACKET_PLANE: 'typescript' }, LOADED)).toEqual({ plane: 'typescript' });
    expect(defaultPlane({ RTCD_PACKET_PLANE: 'native' }, {})).toEqual({ plane: 'native' });
  });

  it('is refused if the variable names no plane, with the names that there are', () => {
    expect(() => defaultPlane({ RTCD_PACKET_PLANE: 'rust' })).toThrow(
      expect.objectContaining({
        code: 'invalid_option',
        message: 'RTCD_PACKET_PLANE is "rust": set it to typescript or native, or unset it',
      }),
    );
  });
});
