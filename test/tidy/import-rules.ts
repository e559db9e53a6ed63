/** Who may import whom: the arrows of the house, each with its reason. */
import { posix } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import type { SourceRule } from './rule.ts';
import { lineAt, nodesOf, type SourceFile } from './source-file.ts';

export interface Import {
  readonly line: number;
  /** A path of the project, or the name of a module that is not of it. */
  readonly target: string;
  readonly isOurs: boolean;
}

/** What a process of the engine may put together. */
const belowProcesses = [
  'base',
  'protocol',
  'machine',
  'format',
  'compute',
  'backend',
  'repo',
  'source',
  'target',
  'hook',
  'journal',
  'job',
] as const;

/** Besides itself. Everything in the engine may import `base` and `protocol`, except these two as said here. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ['base'],
  machine: ['base', 'protocol'],
  system: ['base', 'protocol'],
  format: ['base', 'protocol', 'system'],
  compute: ['base', 'protocol', 'format', 'system', 'source'],
  backend: ['base', 'protocol', 'machine', 'system'],
  source: ['base', 'protocol', 'system'],
  target: ['base', 'protocol', 'system'],
  hook: ['base', 'protocol'],
  journal: ['base', 'protocol', 'format'],
  repo: ['base', 'protocol', 'machine', 'format', 'compute', 'backend', 'journal'],
  job: [
    'base',
    'protocol',
    'machine',
    'format',
    'compute',
    'backend',
    'repo',
    'source',
    'target',
    'hook',
    'journal',
  ],
  worker: belowProcesses,
  cli: [...belowProcesses, 'system'],
};

const reasons: Readonly<Record<string, string>> = {
  base: 'it is under everything and knows nothing of what it is used for',
  protocol: 'other processes import it: it must bring nothing else with it',
  machine: 'decisions without I/O run in any process and on virtual time',
  system: 'what Node lacks of the operating system knows nothing of backups',
  format: 'bytes and values need no repository, no disk and no network',
  compute:
    'it runs in a thread that reads files and makes packs of them, and has neither repository nor backend',
  backend: 'it stores bytes: if it knew what they mean, every new backend would have to',
  source: "the user's files are read the same whatever is made of them",
  target: "the user's files are written the same wherever they come from",
  hook: 'what is told to others must not depend on how backups work',
  journal: 'what this machine remembers of runs needs neither the repository nor the network',
  repo: 'a repository does not know what it is used for',
  job: 'one thing that the engine can do, whoever asks for it',
  worker: 'it puts the parts together and asks jobs; the parts themselves are below',
  cli: 'it asks jobs and shows what they tell; the parts themselves are below',
};

/** The only doors to a folder that is otherwise closed. */
const doors: readonly { readonly from: string; readonly to: string; readonly reason: string }[] = [
  {
    from: 'engine/cli/',
    to: 'engine/worker/real-world.ts',
    reason: 'the command line is a process as well, and there is one real clock',
  },
  {
    from: 'engine/worker/real-world.ts',
    to: 'engine/system/own-program.ts',
    reason: 'a process keeps itself lean, whatever it does, and that takes the real clock',
  },
];

/** The composition root of the app in a browser; Electron's is `electron/main.ts`, which is in no feature's folder. */
const webRoot = 'electron/web/serve.ts';

export const importRules: readonly SourceRule[] = [
  {
    name: 'engine layers',
    reason: 'imports go one way only, so that each part can be read, tested and replaced alone',
    findInSource: (source) =>
      importsOf(source).flatMap(({ line, target }) => {
        const why = forbiddenInEngine(source.path, target);
        return why === undefined ? [] : [{ line, what: `imports ${target}: ${why}` }];
      }),
  },
  {
    name: 'no way into test and build',
    reason: 'what people run must not need what it was made and tested with',
    findInSource: (source) =>
      importsOf(source)
        .filter(({ target, isOurs }) => isOurs && /^(?:test|build)\//.test(target))
        .filter(({ target }) => !source.path.startsWith('test/') && areaOf(source.path) !== areaOf(target))
        .map(({ line, target }) => ({ line, what: `imports ${target}` })),
  },
  {
    name: 'the treaty is the only border',
    reason:
      'the app and its window share with the engine what crosses between the processes, and nothing else',
    findInSource: (source) =>
      importsOf(source)
        .filter(() => /^(?:electron|renderer)\//.test(source.path))
        .filter(({ target }) => /^(?:engine|electron|renderer)\//.test(target))
        .filter(
          ({ target }) => areaOf(target) !== areaOf(source.path) && !target.startsWith('engine/protocol/'),
        )
        .map(({ line, target }) => ({ line, what: `imports ${target}` })),
  },
  {
    name: 'features do not know each other',
    reason:
      'the parts of the app meet in main.ts and web/serve.ts, as values, so that each can be replaced alone',
    findInSource: (source) => {
      const from = featureOf(source.path);
      if (from === undefined || source.path === webRoot) return [];
      return importsOf(source)
        .filter(({ target }) => target.startsWith('electron/') && featureOf(target) !== from)
        .map(({ line, target }) => ({ line, what: `imports ${target}` }));
    },
  },
  {
    name: 'the core knows no Electron',
    reason: 'it runs the same in Electron, served to a browser, and in a test',
    findInSource: (source) =>
      importsOf(source)
        .filter(() => /^electron\/(?:app|web)\//.test(source.path))
        .filter(({ target }) => /^electron(?:-store)?(?:\/|$)/.test(target) && !target.endsWith('.ts'))
        .map(({ line, target }) => ({ line, what: `imports ${target}` })),
  },
  {
    name: 'the window is a page',
    reason: 'it runs in a sandbox and in any browser: there is neither Node nor Electron',
    findInSource: (source) =>
      importsOf(source)
        .filter(({ isOurs }) => source.path.startsWith('renderer/') && !isOurs)
        .filter(({ target }) => /^(?:node:|electron(?:\/|$))/.test(target))
        .map(({ line, target }) => ({ line, what: `imports ${target}` })),
  },
  {
    name: 'neither Node nor DOM',
    // Schemas of plain data: valibot runs wherever JavaScript does.
    reason: 'base, protocol and machine run in every process, in the window too',
    findInSource: (source) => {
      if (!/^engine\/(?:base|protocol|machine)\//.test(source.path)) return [];
      const foreign = importsOf(source).filter(({ target, isOurs }) => !isOurs && target !== 'valibot');
      return [
        ...foreign.map(({ line, target }) => ({ line, what: `imports ${target}` })),
        ...ambientNames(source, /^(?:Buffer|process|window|document|global|require)$/),
      ];
    },
  },
];

function forbiddenInEngine(path: string, target: string): string | undefined {
  const from = /^engine\/([^/]+)\//.exec(path)?.[1];
  const to = /^engine\/([^/]+)\//.exec(target)?.[1];
  if (from === undefined || to === undefined || from === to) return undefined;
  if (doors.some((door) => path.startsWith(door.from) && target === door.to)) return undefined;
  const allowed = mayImport[from];
  if (allowed === undefined) return `engine/${from} is not in the table of test/tidy/import-rules.ts`;
  return allowed.includes(to) ? undefined : (reasons[from] ?? 'not in the table');
}

function featureOf(path: string): string | undefined {
  return /^electron\/([^/]+)\//.exec(path)?.[1];
}

export function importsOf(source: SourceFile): Import[] {
  return [...nodesOf(source)].flatMap((node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined || !isStringLiteral(specifier)) return [];
    const isOurs = specifier.text.startsWith('.');
    const target = isOurs ? posix.join(posix.dirname(source.path), specifier.text) : specifier.text;
    return [{ line: lineAt(source.text, specifier.getStart(source.parsed)), target, isOurs }];
  });
}

function specifierOf(node: Node): Node | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier;
  if (isImportTypeNode(node)) return isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (!isCallExpression(node)) return undefined;
  const called = node.expression;
  const isImport = called.kind === SyntaxKind.ImportKeyword || called.getText() === 'require';
  return isImport ? node.arguments[0] : undefined;
}

/** Uses of a name that is not a property's and not in a type's place. */
function ambientNames(source: SourceFile, wanted: RegExp): { line: number; what: string }[] {
  return [...nodesOf(source)].flatMap((node) => {
    if (node.kind !== SyntaxKind.Identifier || !wanted.test(node.getText(source.parsed))) return [];
    const before = source.text.slice(0, node.getStart(source.parsed)).trimEnd();
    const isProperty = before.endsWith('.') || /^\s*\??:/.test(source.text.slice(node.end));
    return isProperty
      ? []
      : [{ line: lineAt(source.text, node.end), what: `uses ${node.getText(source.parsed)}` }];
  });
}

function areaOf(path: string): string {
  return path.split('/')[0] ?? path;
}
