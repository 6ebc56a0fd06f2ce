import { globSync, readFileSync } from 'node:fs';
import { Application, Converter, MinimalSourceFile, Models, ReflectionKind } from 'typedoc';

const packages = globSync(['packages/*/package.json', 'apps/*/package.json'])
  .map((file) => ({ folder: file.replace('/package.json', ''), ...JSON.parse(readFileSync(file, 'utf8')) }))
  .filter((manifest) => manifest.private !== true);

/** Source file of every entry point, and the name that users import it by. */
const entryPoints = new Map(
  packages.flatMap(({ name, folder, exports }) =>
    Object.entries(exports)
      .filter(([subpath]) => subpath !== './package.json')
      .map(([subpath, source]) => [source.replace('.', folder), subpath.replace('.', name)]),
  ),
);

/** Calls modules by the names that users import, not by their folders, and opens each package with its README: links to it lead there. */
function nameModules(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = entryPoints.get(module.sources[0].fileName) ?? module.name;
      const found = packages.find(({ name }) => name === module.name);
      if (!found) continue;
      const path = `${import.meta.dirname}/${found.folder}/README.md`;
      const readme = new MinimalSourceFile(readFileSync(path, 'utf8'), path);
      module.readme = app.converter.parseRawComment(readme, project.files).content;
      project.files.registerReflectionPath(path, module);
    }
  });
}

/** `validation.notExported` knows one package only: here, types are looked for in all of them. */
function requireExports(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    const names = new Set(app.options.getValue('packagesRequiringDocumentation'));
    const internal = new Set(app.options.getValue('intentionallyNotExported'));
    const missing = new Map();
    for (const reflection of project.getReflectionsByKind(ReflectionKind.All)) {
      reflection.type?.visit(
        Models.makeRecursiveVisitor({
          reference(type) {
            const isOurs = names.has(type.package) && !internal.has(type.name);
            if (isOurs && !type.reflection && !type.isIntentionallyBroken()) missing.set(type.name, reflection);
          },
        }),
      );
    }
    for (const [name, reflection] of missing) {
      app.logger.validationWarning(`${name} is used by ${reflection.getFriendlyFullName()}, but not exported`);
    }
  });
}

/** @type {import('typedoc').TypeDocOptions} */
export default {
  name: 'rtcd',
  entryPoints: [...entryPoints.keys()],
  tsconfig: 'tsconfig.docs.json',
  plugin: [nameModules, requireExports],
  readme: 'docs/README.md',
  projectDocuments: ['docs/*.md'],
  out: 'dist/docs',
  disableGit: true,
  // Pages are in dist/docs/<kind>/: three folders below the root.
  sourceLinkTemplate: '../../../{path}#L{line}',
  excludeExternals: true,
  excludeInternal: true,
  excludeProtected: true,
  highlightLanguages: ['bash', 'js', 'json', 'toml', 'typescript', 'yaml'],
  // Types are checked where they are written.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
  // Not exported: see `requireExports`.
  validation: { notExported: false, notDocumented: true, invalidLink: true, invalidPath: true },
  packagesRequiringDocumentation: [
    '@rtcd/api',
    '@rtcd/auth',
    '@rtcd/boundary',
    '@rtcd/client',
    '@rtcd/packet-io',
    '@rtcd/participant',
    '@rtcd/protocol',
    '@rtcd/rtc',
    '@rtcd/store',
    '@rtcd/store-redis',
    '@rtcd/ws',
    'rtcd',
  ],
  // How rtcd declares its settings; the README lists them. `LoadedAddon` is a parameter for tests.
  intentionallyNotExported: ['DeepPartial', 'LOG_LEVELS', 'LoadedAddon', 'SETTINGS', 'Setting', 'ValuesOf'],
  requiredToBeDocumented: ['Variable', 'Function', 'Class', 'Interface', 'TypeAlias', 'Method', 'Accessor'],
};
