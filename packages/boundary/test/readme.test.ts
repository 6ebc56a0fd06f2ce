import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const urlOf = (path: string) => new URL(path, import.meta.url);
const read = (path: string) => readFileSync(urlOf(path), 'utf8');
const examples = [...read('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

/** Runs an example as a program of its own: winston writes to the process's stream, not to the console. */
function run(name: string) {
  return spawnSync(process.execPath, [fileURLToPath(urlOf(`../examples/${name}`))], { encoding: 'utf8' });
}

describe('the README', () => {
  it('shows examples/loggers.ts and examples/checks.ts unchanged', () => {
    expect(examples).toEqual([read('../examples/loggers.ts'), read('../examples/checks.ts')]);
  });

  it('has loggers that write what the comments say', () => {
    const { stdout, stderr } = run('loggers.ts');
    expect(examples[0]).toContain(`// ${stdout}`);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(examples[0]).toContain(`// ${stderr}`);
    expect(stderr).toMatch(/^session closed .*\n$/);
  });

  it('has a check that throws what the comment says', () => {
    const { stderr } = run('checks.ts');
    const [, message] = /^RangeError: (.*)$/m.exec(stderr) ?? [];
    expect(message).toBeDefined();
    expect(examples[1]).toContain(`// ${message}\n`);
  });
});
