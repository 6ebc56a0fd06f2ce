import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

it('checks engines against the Node that the workspace installs', () => {
  const { nodeVersion } = parse(readFileSync(join(workspaceFolder, 'pnpm-workspace.yaml'), 'utf8')) as {
    readonly nodeVersion: string;
  };
  const installed: { readonly version: string } = createRequire(join(workspaceFolder, 'package.json'))(
    'node/package.json',
  );
  expect(nodeVersion).toBe(installed.version);
});
