import { spawn } from 'node:child_process';

/** A program and its arguments. */
export type CommandLine = readonly [program: string, ...args: string[]];

/** Runs a program with some input, and resolves with its output. Rejects with its error output. */
export function systemCommand([program, ...args]: CommandLine, input = ''): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0) resolve(output);
    else reject(new Error(`${program} ${args.join(' ')} failed (${code}): ${errors.trim()}\n${input}`));
  });
  // A program that ends before it has read everything says why by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return promise;
}
