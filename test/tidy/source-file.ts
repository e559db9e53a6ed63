/**
 * The project's own text as the house rules see it: every file that belongs to it, the sources among them parsed by the
 * TypeScript compiler.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, SourceFile as Parsed } from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

export interface TextFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface SourceFile extends TextFile {
  readonly parsed: Parsed;
}

const notOurs = new Set(['node_modules', '.git', 'coverage', 'build/out']);
const isSource = /\.(?:ts|tsx|js|mjs|cjs)$/;

/** Every file of the project; what is installed, compiled or packed is not part of it. */
export function readProject(folder: string, under = ''): TextFile[] {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    if (notOurs.has(path) || /\.(?:tgz|tsbuildinfo)$/.test(path)) return [];
    if (entry.isDirectory()) return readProject(folder, path);
    return entry.isFile() ? [{ path, text: readFileSync(join(folder, path), 'utf8') }] : [];
  });
}

/** Parses the sources among `files`. Nothing is read from the disk: an example is as good as a file. */
export function parseSources(files: readonly TextFile[]): SourceFile[] {
  const sources = files.filter(({ path }) => isSource.test(path));
  const options = {
    noLib: true,
    noResolve: true,
    types: [],
    allowJs: true,
    allowImportingTsExtensions: true,
  };
  const project = '/project/tsconfig.json';
  const texts = Object.fromEntries(sources.map(({ path, text }) => [`/project/${path}`, text]));
  const config = JSON.stringify({ compilerOptions: options, files: sources.map(({ path }) => path) });
  const api = new API({ cwd: '/project', fs: createVirtualFileSystem({ ...texts, [project]: config }) });
  try {
    const program = api.updateSnapshot({ openProjects: [project] }).getProject(project)?.program;
    return sources.map((source) => {
      const parsed = program?.getSourceFile(`/project/${source.path}`);
      if (parsed === undefined) throw new Error(`the compiler did not parse ${source.path}`);
      return { ...source, parsed };
    });
  } finally {
    api.close();
  }
}

/** Every node of the file, parents before children. */
export function* nodesOf(source: SourceFile): Generator<Node> {
  const waiting: Node[] = [source.parsed];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    const children: Node[] = [];
    node.forEachChild((child) => {
      children.push(child);
      return undefined;
    });
    waiting.push(...children.reverse());
  }
}

/** From 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

export function linesOf(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}
