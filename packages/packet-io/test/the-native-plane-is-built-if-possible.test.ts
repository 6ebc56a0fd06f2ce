import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const BUILD = fileURLToPath(new URL('../native/build.ts', import.meta.url));

function build(argument: string, env: Record<string, string>) {
  const { status, stdout } = spawnSync(process.execPath, [BUILD, argument], { env, encoding: 'utf8' });
  return { status, stdout };
}

it('is not built if the plane in TypeScript is chosen, which fails nothing', () => {
  expect(build('--if-possible', { RTCD_PACKET_PLANE: 'typescript' })).toEqual({
    status: 0,
    stdout: 'native packet plane: not built: RTCD_PACKET_PLANE is typescript\n',
  });
});

it('is not built without cargo, which fails a build that is asked for', () => {
  const reason = process.platform === 'linux' ? 'there is no cargo on the PATH' : 'it needs Linux';
  expect(build('', { PATH: '' })).toEqual({ status: 1, stdout: `native packet plane: not built: ${reason}\n` });
});
