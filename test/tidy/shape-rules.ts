/** Sizes, names and beginnings: what makes a file pleasant to open. */
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { isExportDeclaration } from 'typescript/unstable/ast/is';
import type { Rule } from './rule.ts';
import { lineAt, linesOf, nodesOf } from './source-file.ts';

export const fileLinesMax = 400;
export const functionLinesMax = 70;

const bannedNames = /^(?:utils?|helpers?|managers?|handlers?|services?|commons?)$/i;
const topLevel = /^(?:\.[^/]+|package\.json|npm-shrinkwrap\.json|biome\.json|README\.md|LICENSE)$/;
const topFolders = /^(?:\.[^/]+|electron|renderer|engine|build|test)\//;

const functionKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

/** What declares tests is a list of them, not a function to understand. */
const declaresTests = /\b(?:describe|it)(?:\.\w+)*\(/;

export const shapeRules: readonly Rule[] = [
  {
    name: `at most ${fileLinesMax} lines a file`,
    reason: 'a file is read whole or not at all',
    findInSource: ({ text }) =>
      linesOf(text) > fileLinesMax ? [{ line: fileLinesMax + 1, what: `has ${linesOf(text)} lines` }] : [],
  },
  {
    name: `at most ${functionLinesMax} lines a function`,
    reason: 'what does not fit on a screen is not seen as one thing',
    findInSource: (source) => {
      if (source.path.endsWith('.test.ts')) return [];
      return [...nodesOf(source)].flatMap((node) => {
        if (!functionKinds.has(node.kind)) return [];
        const start = node.getStart(source.parsed);
        const text = source.text.slice(start, node.end);
        const lines = linesOf(text);
        if (source.path.startsWith('test/') && declaresTests.test(text)) return [];
        const line = lineAt(source.text, start);
        return lines > functionLinesMax ? [{ line, what: `is a function of ${lines} lines` }] : [];
      });
    },
  },
  {
    name: 'begins with a doc comment',
    reason: 'the first sentence says what the file is, what it guarantees and who uses it',
    // The name of a test file already says whose test it is.
    findInSource: ({ path, text }) =>
      path.endsWith('.test.ts') || /^(?:#![^\n]*\n)?\s*\/\*\*/.test(text)
        ? []
        : [{ line: 1, what: 'does not begin with /** ... */' }],
  },
  {
    name: 'no barrels',
    reason: 'a name should lead to the file where it is defined, not through others',
    findInSource: ({ path, parsed }) => {
      const passesOn = (node: Node): boolean =>
        isExportDeclaration(node) && node.moduleSpecifier !== undefined;
      const isBarrel = parsed.statements.length > 0 && parsed.statements.every(passesOn);
      return isBarrel || /(?:^|\/)index\.[a-z]+$/.test(path) ? [{ line: 1, what: 'is a barrel' }] : [];
    },
  },
  {
    name: 'names that say something',
    reason: 'such a name fits everything, so everything ends there',
    findInText: ({ path }) => {
      const banned = path.split(/[/.-]/).find((part) => bannedNames.test(part));
      return banned === undefined ? [] : [{ line: 1, what: `is named "${banned}"` }];
    },
  },
  {
    name: 'nothing new at the top',
    reason: "the top level is the house's front: it was agreed upon",
    findInText: ({ path }) =>
      topLevel.test(path) || topFolders.test(path) ? [] : [{ line: 1, what: 'is not in the list' }],
  },
  {
    name: 'no compiled output among the sources',
    reason: 'it would be found before the source and grow old unnoticed',
    findInText: ({ path }) =>
      /^(?:engine|electron|renderer|test)\/.*\.(?:js|js\.map|d\.ts\.map)$/.test(path)
        ? [{ line: 1, what: 'is JavaScript among TypeScript' }]
        : [],
  },
];
