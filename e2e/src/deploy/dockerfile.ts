/** One line of a Dockerfile, continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly arguments: string;
}

/** The stages of a Dockerfile, each beginning with its FROM. */
export function parseDockerfile(text: string): readonly (readonly Instruction[])[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const match = /^([A-Z]+)\s+(.*)$/.exec(line);
    if (match === null) throw new Error(`not an instruction: ${line}`);
    const [, name = '', rest = ''] = match;
    if (name === 'FROM') stages.push([]);
    if (stages.length === 0) throw new Error(`before the first FROM: ${line}`);
    stages.at(-1)?.push({ name, arguments: rest });
  }
  return stages;
}

/** The arguments of an instruction that a stage has once. */
export function only(stage: readonly Instruction[], name: string): string {
  const found = stage.filter((instruction) => instruction.name === name);
  if (found.length !== 1) throw new Error(`${name} is there ${found.length} times`);
  return found[0]?.arguments ?? '';
}
