import { describe, expect, it } from 'vitest';
import { defaultPlaneKind } from './choose-plane.ts';

describe('the default plane', () => {
  it('is that of the environment variable, or the one in TypeScript', () => {
    expect(defaultPlaneKind({})).toBe('typescript');
    expect(defaultPlaneKind({ RTCD_PACKET_PLANE: '' })).toBe('typescript');
    expect(defaultPlaneKind({ RTCD_PACKET_PLANE: 'typescript' })).toBe('typescript');
    expect(defaultPlaneKind({ RTCD_PACKET_PLANE: 'native' })).toBe('native');
  });

  it('is refused if the variable names no plane, with the names that there are', () => {
    expect(() => defaultPlaneKind({ RTCD_PACKET_PLANE: 'rust' })).toThrow(
      expect.objectContaining({
        code: 'invalid_option',
        message: 'RTCD_PACKET_PLANE is "rust": set it to typescript or native, or unset it',
      }),
    );
  });
});
