import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { run } from '../src/packaging/run.ts';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

/** Ids of the contract, in the spelling of W3C. */
const CONTRACT_ID_MISSPELLED = /(?:[sS]ession|[cC]all|[cC]lient|[cC]onn|[uU]ser|[gG]roup|[cC]hannel)Ids?$/;
/** Ids of W3C and the RFCs, in the spelling of the contract. */
const W3C_ID_MISSPELLED = /(?:[tT]rack|[sS]tream)IDs?$/;
/** Fields of the contract's messages. */
const WIRE_IDS = new Set(['screenStreamID', 'videoStreamID']);
/** Files of protocols that have a session id of their own, by the names of the RFCs. */
const OTHER_SESSION_IDS = /\/(dtls|sdp|signaling|testing|rtc\/src\/peer)\//;
/** Files whose unions are texts for people. */
const TEXT_UNIONS = /\/inspect\/event-log\.ts$|\/unreliable-schedule\.ts$/;
/** Values on the wire. */
const WIRE_TAGS = new Set(['screen-audio']);

const list = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], workspaceFolder);
const files = list
  .trim()
  .split('\n')
  .filter((file) => /\/(src|test)\//.test(file));
const sources = files.map((file) =>
  ts.createSourceFile(file, readFileSync(join(workspaceFolder, file), 'utf8'), ts.ScriptTarget.Latest, true),
);

/** All places, as `file:line text`, where `finds` returns true for a node. */
function places(finds: (node: ts.Node, source: ts.SourceFile) => boolean): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (finds(node, source)) {
        found.push(
          `${source.fileName}:${lineOf(source, node.getStart(source)) + 1} ${node.getText(source).slice(0, 80)}`,
        );
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

const lineOf = (source: ts.SourceFile, position: number): number => source.getLineAndCharacterOfPosition(position).line;

const isMultiLine = (source: ts.SourceFile, node: ts.Node): boolean =>
  lineOf(source, node.getStart(source)) !== lineOf(source, node.getEnd());

function bodiesOf(node: ts.Node): ts.Statement[] {
  if (ts.isIfStatement(node)) {
    const { thenStatement, elseStatement } = node;
    return elseStatement === undefined || ts.isIfStatement(elseStatement)
      ? [thenStatement]
      : [thenStatement, elseStatement];
  }
  return ts.isIterationStatement(node, false) ? [node.statement] : [];
}

describe('a statement', () => {
  it('has braces around a body of more than one line', () => {
    const isBare = (node: ts.Node, source: ts.SourceFile) =>
      bodiesOf(node).some((body) => !ts.isBlock(body) && isMultiLine(source, body));
    expect(places(isBare)).toEqual([]);
  });
});

describe('a top-level function', () => {
  it('is a declaration if it contains statements, unless it is of a named type', () => {
    const isArrow = (node: ts.Node, source: ts.SourceFile) =>
      !source.fileName.includes('.test.') &&
      ts.isVariableDeclaration(node) &&
      node.parent.parent.parent === source &&
      node.type === undefined &&
      node.initializer !== undefined &&
      ts.isArrowFunction(node.initializer) &&
      ts.isBlock(node.initializer.body) &&
      node.initializer.body.statements.length > 0;
    expect(places(isArrow)).toEqual([]);
  });
});

describe('an identifier', () => {
  it('ends in ID if the contract has that id, and in Id if W3C or an RFC has', () => {
    const isMisspelled = (node: ts.Node, { fileName }: ts.SourceFile) =>
      ts.isIdentifier(node) &&
      ((CONTRACT_ID_MISSPELLED.test(node.text) && !OTHER_SESSION_IDS.test(fileName)) ||
        (W3C_ID_MISSPELLED.test(node.text) && !WIRE_IDS.has(node.text)));
    expect(places(isMisspelled)).toEqual([]);
  });
});

describe('an interface of an owner', () => {
  it('is named for that', () => {
    const isPort = (node: ts.Node) => ts.isInterfaceDeclaration(node) && /[a-z]Port$/.test(node.name.text);
    expect(places(isPort)).toEqual([]);
  });
});

describe('a union tag', () => {
  it('is in snake_case, or as on the wire', () => {
    const isTag = (node: ts.Node) =>
      ts.isLiteralTypeNode(node) &&
      ts.isStringLiteral(node.literal) &&
      (ts.isUnionTypeNode(node.parent) || ts.isPropertySignature(node.parent)) &&
      /[ -]/.test(node.literal.text) &&
      !WIRE_TAGS.has(node.literal.text);
    expect(places((node, { fileName }) => !TEXT_UNIONS.test(fileName) && isTag(node))).toEqual([]);
  });
});

describe('a docstring', () => {
  it('names thrown errors in its text and not in a tag', () => {
    const tagged = sources.flatMap((source) => (/^ *\* *@throws\b/m.test(source.text) ? [source.fileName] : []));
    expect(tagged).toEqual([]);
  });
});
