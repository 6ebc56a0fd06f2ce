import { defineConfig, type Options } from 'tsup';

/** The one way every package is built: ESM with types, one output file per entry of its export map. */
export const library = (entry: Record<string, string>, overrides: Options = {}) =>
  defineConfig({
    entry,
    format: 'esm',
    target: 'node22',
    platform: 'node',
    dts: true,
    clean: true,
    // Code is not minified: stack traces are readable, and maps would be larger than the code.
    sourcemap: false,
    treeshake: true,
    removeNodeProtocol: false,
    ...overrides,
  });
