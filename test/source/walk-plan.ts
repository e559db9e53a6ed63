/** A folder of test files, and the paths that a backup of it would store: the plan of targets, walked with excludes. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ByteString, fromLatin1 } from '../../engine/base/byte-string.ts';
import type { Excluder } from '../../engine/source/exclude.ts';
import { absolutePath, planTargets, type TargetNode } from '../../engine/source/targets.ts';

/** Contents by path; a path with ` -> ` in it is a symlink. Paths are latin1, so any bytes can be a name. */
export interface Fixture {
  readonly root: ByteString;
  remove(): void;
}

export function makeFixture(contents: Readonly<Record<string, string>>): Fixture {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'slackwater-source-')));
  for (const [path, content] of Object.entries(contents)) {
    const [name = '', link] = path.split(' -> ');
    const full = Buffer.from(`${root}/${name}`, 'latin1');
    mkdirSync(Buffer.from(dirname(full.toString('latin1')), 'latin1'), { recursive: true });
    if (link === undefined) writeFileSync(full, content);
    else symlinkSync(link, full);
  }
  return { root: fromLatin1(root), remove: () => rmSync(root, { recursive: true }) };
}

export function listFolder(path: ByteString): ByteString[] {
  return readdirSync(Buffer.from(path, 'latin1'), { encoding: 'latin1' }).map(fromLatin1);
}

/** The paths in the snapshot, sorted; the folders above `root` are left out, and `root` itself is written as `@`. */
export function storedPaths(
  { root }: Fixture,
  folder: string,
  targets: readonly string[],
  makeExcluder: (targets: ByteString[]) => Excluder | undefined = () => undefined,
): string[] {
  const cwd = absolutePath(root, fromLatin1(folder));
  const given = targets.map((target) => fromLatin1(target.replace('@', root)));
  const excluder = makeExcluder(given.map((target) => absolutePath(cwd, target)));
  const stored: string[] = [];
  const walk = (inTree: string, path: ByteString, isTarget: boolean): void => {
    if (!isTarget && excluder?.byPath(path)) return;
    const stat = lstatSync(Buffer.from(path, 'latin1'), { bigint: true });
    const kind = stat.isDirectory() ? 'dir' : 'other';
    const item = { kind, sizeBytes: Number(stat.size), deviceId: stat.dev };
    if (!isTarget && excluder?.byItem(path, item)) return;
    stored.push(inTree);
    if (kind !== 'dir') return;
    for (const name of listFolder(path)) walk(`${inTree}/${name}`, fromLatin1(`${path}/${name}`), false);
  };
  const walkPlan = (above: string, node: TargetNode): void => {
    const inTree = node.name === '' ? '' : `${above}/${node.name}`;
    if (node.children === undefined) walk(inTree, node.path, node.isTarget);
    else if (node.name !== '') stored.push(inTree);
    for (const child of node.children?.values() ?? []) walkPlan(inTree, child);
  };
  walkPlan('', planTargets(given, { cwd, listFolder }));
  return stored
    .filter((path) => !root.startsWith(`${path}/`))
    .map((path) => path.replace(root, '@'))
    .sort();
}
