import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import type { WorkspacePackage } from '../packaging/workspace-packages.ts';

/** The API reference of one package: a Markdown page made from the docstrings and types of what it exports. */
export interface ApiPage {
  /** Without the scope: the name of its file. */
  readonly name: string;
  readonly markdown: string;
}

/** Declarations are printed without their bodies and docstrings, which stand beside them as text. */
const printer = ts.createPrinter({ removeComments: true, omitTrailingSemicolon: true });

/** Makes the page of each package from its sources: nothing has to be built. */
export function apiPages(workspace: string, packages: readonly WorkspacePackage[]): ApiPage[] {
  const entries = new Map(packages.map((each) => [each.name, sourcesOf(each)]));
  const config = ts.readConfigFile(join(workspace, 'tsconfig.base.json'), ts.sys.readFile).config as object;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, workspace);
  const program = ts.createProgram(
    [...entries.values()].flatMap((sources) => sources.map(({ source }) => source)),
    options,
  );
  return [...entries].map(([name, sources]) => ({
    name: name.replace('@rtcd/', ''),
    markdown: page(program, workspace, name, sources),
  }));
}

interface EntryPoint {
  /** As users import it. */
  readonly module: string;
  /** Path of its source. */
  readonly source: string;
}

function sourcesOf({ name, folder }: WorkspacePackage): EntryPoint[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports?: Readonly<Record<string, string>>;
  };
  return Object.entries(manifest.exports ?? {})
    .filter(([, source]) => source.endsWith('.ts'))
    .map(([subpath, source]) => ({ module: subpath.replace('.', name), source: join(folder, source) }));
}

function page(program: ts.Program, workspace: string, name: string, entries: readonly EntryPoint[]): string {
  const checker = program.getTypeChecker();
  const sections = entries.map(({ module, source }) => {
    const file = program.getSourceFile(source);
    const symbol = file && checker.getSymbolAtLocation(file);
    if (symbol === undefined) throw new Error(`${source} exports nothing`);
    const exported = exportsOf(symbol, checker).sort((a, b) => (a.name < b.name ? -1 : 1));
    return [`## ${module}`, ...exported.map((each) => section(each, checker, workspace))].join('\n\n');
  });
  return `${[`# API of ${name}`, 'Generated from the sources by `npx --yes pnpm@12 docs:api`.', ...sections].join('\n\n')}\n`;
}

interface Exported {
  /** As users write it: `namespace.name` in a namespace. */
  readonly name: string;
  readonly symbol: ts.Symbol;
}

/** Lists what a module exports, with the members of the modules that it exports as namespaces. */
function exportsOf(module: ts.Symbol, checker: ts.TypeChecker): Exported[] {
  return checker.getExportsOfModule(module).flatMap((each) => {
    const symbol = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
    if (!symbol.declarations?.some(ts.isSourceFile)) return [{ name: each.name, symbol }];
    return exportsOf(symbol, checker).map((member) => ({ ...member, name: `${each.name}.${member.name}` }));
  });
}

function section({ name, symbol }: Exported, checker: ts.TypeChecker, workspace: string): string {
  const declarations = symbol.declarations ?? [];
  const files = new Set(
    declarations.map((each) => relative(join(workspace, 'docs/api'), each.getSourceFile().fileName)),
  );
  const links = [...files].map((file) => `[source](${file})`).join(', ');
  const code = declarations.map((each) => signature(each, checker)).join('\n\n');
  return [`### ${name}`, docstring(symbol, checker), `\`\`\`ts\n${code}\n\`\`\``, links, members(declarations, checker)]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The docstring as Markdown, with its tags as a list. */
function docstring(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol.getJsDocTags(checker).map((tag) => `- \`@${tag.name}\` ${ts.displayPartsToString(tag.text)}`);
  return [text, tags.join('\n')].filter((part) => part !== '').join('\n\n');
}

/** The members of classes and interfaces that have a docstring. */
function members(declarations: readonly ts.Declaration[], checker: ts.TypeChecker): string {
  return declarations
    .flatMap((each): readonly ts.Node[] =>
      ts.isClassDeclaration(each) || ts.isInterfaceDeclaration(each) ? each.members : [],
    )
    .filter((member): member is ts.ClassElement | ts.TypeElement => isPublic(member))
    .flatMap((member) => {
      const symbol = member.name && checker.getSymbolAtLocation(member.name);
      const text = symbol ? docstring(symbol, checker).replaceAll(/\s*\n\s*/g, ' ') : '';
      return text === '' ? [] : [`- \`${member.name?.getText()}\`: ${text}`];
    })
    .join('\n');
}

function isPublic(member: ts.Node): boolean {
  const { name } = member as ts.ClassElement;
  if (name && ts.isPrivateIdentifier(name)) return false;
  return !(
    ts.canHaveModifiers(member) && ts.getModifiers(member)?.some((each) => each.kind === ts.SyntaxKind.PrivateKeyword)
  );
}

function signature(node: ts.Declaration, checker: ts.TypeChecker): string {
  const file = node.getSourceFile();
  const print = (each: ts.Node) => printer.printNode(ts.EmitHint.Unspecified, each, file);
  const { factory } = ts;
  if (ts.isFunctionDeclaration(node)) {
    const { name, typeParameters, parameters, type } = node;
    return print(
      factory.updateFunctionDeclaration(
        node,
        withoutAsync(node.modifiers),
        undefined,
        name,
        typeParameters,
        parameters,
        type,
        undefined,
      ),
    );
  }
  if (ts.isClassDeclaration(node)) {
    const { modifiers, name, typeParameters, heritageClauses } = node;
    const kept = node.members.filter((member) => isPublic(member)).map((member) => withoutBody(member));
    return print(factory.updateClassDeclaration(node, modifiers, name, typeParameters, heritageClauses, kept));
  }
  if (ts.isVariableDeclaration(node)) {
    const type =
      node.type ?? checker.typeToTypeNode(checker.getTypeAtLocation(node), node, ts.NodeBuilderFlags.NoTruncation);
    return `const ${print(factory.updateVariableDeclaration(node, node.name, undefined, type, undefined))}`;
  }
  return print(node);
}

function withoutAsync(modifiers: ts.NodeArray<ts.ModifierLike> | undefined): ts.ModifierLike[] | undefined {
  return modifiers?.filter((each) => each.kind !== ts.SyntaxKind.AsyncKeyword);
}

function withoutBody(member: ts.ClassElement): ts.ClassElement {
  const { factory } = ts;
  if (ts.isMethodDeclaration(member)) {
    const { name, questionToken, typeParameters, parameters, type } = member;
    const modifiers = withoutAsync(member.modifiers);
    return factory.updateMethodDeclaration(
      member,
      modifiers,
      undefined,
      name,
      questionToken,
      typeParameters,
      parameters,
      type,
      undefined,
    );
  }
  if (ts.isConstructorDeclaration(member)) {
    return factory.updateConstructorDeclaration(member, member.modifiers, member.parameters, undefined);
  }
  if (ts.isGetAccessorDeclaration(member)) {
    return factory.updateGetAccessorDeclaration(
      member,
      member.modifiers,
      member.name,
      member.parameters,
      member.type,
      undefined,
    );
  }
  if (ts.isPropertyDeclaration(member)) {
    return factory.updatePropertyDeclaration(
      member,
      member.modifiers,
      member.name,
      member.questionToken,
      member.type,
      undefined,
    );
  }
  return member;
}
