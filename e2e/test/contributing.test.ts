import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freeTcpPort } from '../src/free-port.ts';
import { pnpm } from '../src/packaging/pnpm.ts';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

const guide = await readFile(join(workspaceFolder, 'CONTRIBUTING.md'), 'utf8');
const COMMAND = /^npx --yes pnpm@12 (.*?) *(?:#.*)?$/gm;

/** The commands below a heading, without `npx --yes pnpm@12`. */
function commandsBelow(heading: string): readonly string[] {
  const [, section = ''] = guide.split(`${heading}\n`);
  const [text = ''] = section.split(/^#/m);
  return [...text.matchAll(COMMAND)].map(([, command = '']) => command);
}

const argumentsOf = (command: string) => [...command.matchAll(/'([^']*)'|\S+/g)].map(([all, quoted]) => quoted ?? all);
const packageFolder = join(workspaceFolder, 'packages/rtc');

describe('the commands for the whole workspace', async () => {
  const { scripts } = JSON.parse(await readFile(join(workspaceFolder, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };

  it.each(commandsBelow('## Build and test'))('%s is there', (command) => {
    expect(Object.keys(scripts)).toContain(command);
  });
});

describe('the commands for one test', () => {
  const commands = commandsBelow('### One test');
  const isDebugged = (command: string) => command.includes('--inspect-brk');

  it.each(commands.filter((command) => !isDebugged(command)))(
    '%s finds something to do, and succeeds',
    async (command) => {
      const output = await pnpm(argumentsOf(command), packageFolder);
      if (command.includes('vitest')) expect(output).toMatch(/Tests .*[1-9]\d* passed/);
    },
  );

  it.each(commands.filter(isDebugged))('%s waits for a debugger', async (command) => {
    const port = String(await freeTcpPort());
    const [, vitest = '', ...rest] = argumentsOf(command).map((argument) =>
      argument === '--inspect-brk' ? `--inspect-brk=${port}` : argument,
    );
    const child = spawn(join(workspaceFolder, 'node_modules/.bin', vitest), rest, { cwd: packageFolder });
    onTestFinished(async () => {
      child.kill();
      await once(child, 'close');
    });
    let output = '';
    for await (const chunk of child.stderr) {
      output += chunk;
      if (output.includes('Debugger listening on')) break;
    }
    expect(output).toContain(`:${port}/`);
  });
});
