/** `slackwater ls` */
import { toText } from '../../base/byte-string.ts';
import { Failure } from '../../base/failure.ts';
import { parseTime } from '../../format/go-time.ts';
import { shortId } from '../../format/id.ts';
import type { Node } from '../../format/node.ts';
import { listTree } from '../../job/browse.ts';
import { loadIndex } from '../../repo/load-index.ts';
import { findSnapshot, type NamedSnapshot } from '../../repo/snapshots.ts';
import { parseSnapshotPath, resolveFolder } from '../../repo/tree-path.ts';
import type { TreeEntry } from '../../repo/walk-tree.ts';
import { defineCommand } from '../command.ts';
import { showTime } from '../display.ts';
import { lookInto } from '../look-into.ts';
import { lsNodeJson, nodeLine } from '../node-output.ts';
import { flag, type OptionValues, text } from '../option-table.ts';
import type { Output } from '../output.ts';
import { printable, printablePath } from '../printable.ts';
import { snapshotFilter, snapshotFilterOptions, snapshotJson } from '../snapshot-options.ts';

const options = {
  ...snapshotFilterOptions,
  long: flag('with type, permissions, owner, size and time', { short: 'l' }),
  humanReadable: flag('with sizes as in 1.5 MiB'),
  recursive: flag('of the named folders, list also what is deeper'),
  sort: text('KEY', 'sort by name, size, time (mtime), atime, ctime or extension', {
    short: 's',
    choices: ['name', 'size', 'time', 'mtime', 'atime', 'ctime', 'extension'],
  }),
  reverse: flag('sort the other way round'),
};
type Values = OptionValues<typeof options>;

export const command = defineCommand({
  name: 'ls',
  summary: 'List the files in a snapshot',
  usage: ['ls [OPTIONS] SNAPSHOT[:FOLDER] [FOLDER...]'],
  description: [
    'Lists everything in a snapshot. With folders, only those and what is directly in them, or with --recursive at any depth. Paths are absolute in the snapshot, as they were on the computer.',
    'The snapshot is the beginning of an id, or `latest`; --host, --tag and --path say among which ones the latest is looked for.',
  ],
  examples: [
    { line: 'ls latest', means: 'all files of the newest snapshot' },
    { line: 'ls -l latest /home/me/Documents', means: 'what is in one folder, in detail' },
    { line: 'ls --sort size --reverse latest', means: 'the largest first' },
  ],
  options,
  onlyAnswers: true,
  async run(context, values, operands) {
    const { output } = context;
    const [named, ...folders] = operands;
    if (named === undefined) {
      throw new Failure('usage', { why: 'The snapshot is missing.', instead: 'Name one, or say latest.' });
    }
    if (folders.some((folder) => !folder.startsWith('/'))) {
      throw new Failure('usage', { why: 'Folders in a snapshot begin with a slash, as in /home/me.' });
    }
    await lookInto(context, async (repository, signal) => {
      const { snapshot: name, path } = parseSnapshotPath(named);
      const snapshot = await findSnapshot(repository, name, snapshotFilter(values));
      const index = await loadIndex(repository);
      const root = await resolveFolder(repository, index, snapshot.tree, path);
      const listing = listTree(repository, index, root, {
        paths: folders,
        recursive: values.recursive,
        signal,
      });
      tellSnapshot(output, snapshot, folders.map(printablePath));
      const isSorted = values.sort !== undefined || values.reverse;
      const entries = isSorted ? await sorted(listing, values) : listing;
      for await (const entry of entries) {
        output.sayJson(lsNodeJson(entry.path, entry.node));
        if (!output.json) output.say(nodeLine(entry.path, entry.node, values));
      }
    });
    return undefined;
  },
});

function tellSnapshot(output: Output, snapshot: NamedSnapshot, folders: readonly string[]): void {
  output.sayJson({ ...snapshotJson(snapshot), message_type: 'snapshot', struct_type: 'snapshot' });
  const { id, time, hostname } = snapshot;
  const within = folders.length === 0 ? '' : `, in ${folders.join(', ')}`;
  output.head(`Snapshot ${shortId(id)} of ${printable(hostname)} at ${showTime(time)}${within}:`);
}

/** Needs all entries in memory, unlike the order of the names. */
async function sorted(listing: AsyncIterable<TreeEntry>, { sort, reverse }: Values): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const entry of listing) entries.push(entry);
  const order = orders[sort ?? 'name']!;
  entries.sort((a, b) => order(a, b) || compare(a.path, b.path));
  return reverse ? entries.reverse() : entries;
}

type Order = (a: TreeEntry, b: TreeEntry) => number;

const byTime =
  (field: 'mtime' | 'atime' | 'ctime'): Order =>
  (a, b) =>
    compare(timeNs(a.node, field), timeNs(b.node, field));

const orders: Readonly<Record<string, Order>> = {
  name: () => 0,
  size: (a, b) => a.node.size - b.node.size,
  time: byTime('mtime'),
  mtime: byTime('mtime'),
  atime: byTime('atime'),
  ctime: byTime('ctime'),
  extension: (a, b) => compare(extension(a.node), extension(b.node)),
};

function timeNs(node: Node, field: 'mtime' | 'atime' | 'ctime'): bigint {
  return parseTime(node[field]);
}

function extension({ name }: Node): string {
  const text = toText(name);
  return text.includes('.') ? text.slice(text.lastIndexOf('.')) : '';
}

function compare<Value extends string | bigint>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
