import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { workspaceFolder } from '../packaging/workspace-packages.ts';

export const deployFolder = join(workspaceFolder, 'deploy');

/** A file of `deploy/` as text. */
export const readText = (path: string): Promise<string> => readFile(join(deployFolder, path), 'utf8');

/** A JSON file of `deploy/`. */
export const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readText(path)) as T;

/** A YAML file of `deploy/` that holds one document. */
export const readYaml = async <T>(path: string): Promise<T> => parse(await readText(path)) as T;
