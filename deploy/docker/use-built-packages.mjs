import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// In the workspace, packages are entered at their source. Publishing points them to what was built, by their `publishConfig`;
// `pnpm deploy` does not, so this does, for the folder that it made.
const folder = process.argv[2];
for (const file of globSync(['package.json', 'node_modules/.pnpm/*/node_modules/@rtcd/*/package.json'], {
  cwd: folder,
})) {
  const path = join(folder, file);
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(path, 'utf8'));
  if (publishConfig === undefined) continue;
  rmSync(path); // It may be a hard link to the one in the workspace.
  writeFileSync(path, JSON.stringify({ ...manifest, ...publishConfig }, null, 2));
}
