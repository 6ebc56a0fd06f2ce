import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishablePackages, workspaceFolder } from '../packaging/workspace-packages.ts';
import { apiPages } from './api-pages.ts';

const folder = join(workspaceFolder, 'docs/api');
await mkdir(folder, { recursive: true });
for (const { name, markdown } of apiPages(workspaceFolder, await publishablePackages())) {
  await writeFile(join(folder, `${name}.md`), markdown);
}
