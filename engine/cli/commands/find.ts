/** `slackwater find` */
import { type ByteString, toText } from '../../base/byte-string.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { shortId } from '../../format/id.ts';
import { findFiles, type OnBadTree } from '../../job/find.ts';
import {
  chooseObjects,
  type FoundObject,
  findObjects,
  type ObjectKind,
  placesOf,
} from '../../job/find-objects.ts';
import { selectSnapshots } from '../../job/select-snapshots.ts';
import type { BlobIndex } from '../../repo/blob-index.ts';
import { loadIndex } from '../../repo/load-index.ts';
import type { Repository } from '../../repo/repository.ts';
import type { NamedSnapshot } from '../../repo/snapshots.ts';
import { type Context, defineCommand } from '../command.ts';
import { showTime } from '../display.ts';
import { exitCodes } from '../exit-code.ts';
import { lookInto } from '../look-into.ts';
import { matchJson, nodeLine } from '../node-output.ts';
import { flag, type OptionValues, text, texts } from '../option-table.ts';
import { printablePath } from '../printable.ts';
import { parseMoment } from '../quantities.ts';
import { reasonOf } from '../sentences.ts';
import { snapshotFilter, snapshotFilterOptions } from '../snapshot-options.ts';

const options = {
  ...snapshotFilterOptions,
  snapshot: texts('ID', 'only in this snapshot', { short: 's' }),
  ignoreCase: flag('without regard to case', { short: 'i' }),
  oldest: text('TIME', 'only what was modified then or later', { short: 'O' }),
  newest: text('TIME', 'only what was modified then or earlier', { short: 'N' }),
  long: flag('with type, permissions, owner, size and time', { short: 'l' }),
  humanReadable: flag('with sizes as in 1.5 MiB'),
  reverse: flag('the oldest snapshot first', { short: 'R' }),
  blob: flag('the patterns are ids of data blobs'),
  tree: flag('the patterns are ids of trees'),
  pack: flag('the patterns are ids of packs'),
  showPackId: flag('with --blob or --tree: name the pack that holds it'),
};
type Values = OptionValues<typeof options>;

export const command = defineCommand({
  name: 'find',
  summary: 'Find files, folders or blobs in the snapshots',
  usage: ['find [OPTIONS] PATTERN...', 'find --blob | --tree | --pack ID...'],
  description: [
    'Finds files and folders by name or path, in all snapshots or those that the options choose, the newest first. Patterns are those of `backup --exclude`: * and ? stay within a name, ** goes through folders.',
    'Times are as in 2024-12-31, "2024-12-31 18:30", or now.',
  ],
  examples: [
    { line: "find '*.odt'", means: 'every such file' },
    { line: 'find -l --host laptop report.pdf', means: 'one file, in the snapshots of one host, in detail' },
    {
      line: 'find --newest 2024-12-31 /home/me/letters',
      means: 'a folder, and what is in it, as old as that',
    },
  ],
  options,
  onlyAnswers: true,
  async run(context, values, operands) {
    if (operands.length === 0) {
      throw new Failure('usage', {
        why: 'What to find is missing.',
        instead: "Give a pattern, as in '*.odt'.",
      });
    }
    const kind = objectKind(values);
    const times = timesOf(context, values);
    let bad = 0;
    const onBadTree: OnBadTree = (snapshot, tree, path, error) => {
      bad++;
      tellBadTree(context, snapshot, tree, path, error);
    };
    await lookInto(context, async (repository, signal) => {
      const chosen = await selectSnapshots(repository, values.snapshot, snapshotFilter(values));
      const snapshots = values.reverse ? chosen : chosen.toReversed();
      const index = await loadIndex(repository);
      const search = { context, repository, index, snapshots, onBadTree, signal };
      if (kind === undefined) await printFiles(search, values, { ...times, patterns: operands });
      else await printObjects(search, values, kind, operands.map(toText));
    });
    return bad === 0 ? exitCodes.ok : exitCodes.failed;
  },
});

interface Search {
  readonly context: Context;
  readonly repository: Repository;
  readonly index: BlobIndex;
  readonly snapshots: readonly NamedSnapshot[];
  readonly onBadTree: OnBadTree;
  readonly signal: AbortSignal;
}

function objectKind(values: Values): ObjectKind | undefined {
  const kinds = (['blob', 'tree', 'pack'] as const).filter((kind) => values[kind]);
  if (kinds.length > 1) throw new Failure('usage', { why: '--blob, --tree and --pack exclude each other.' });
  return kinds[0];
}

function timesOf({ world }: Context, { oldest, newest }: Values): { oldestNs?: bigint; newestNs?: bigint } {
  const momentOf = (typed: string): bigint => {
    const moment = parseMoment(typed, world.clock.wallNs());
    if (moment !== undefined) return moment;
    throw new Failure('usage', { why: `"${typed}" is not a time.`, instead: 'Write it as in 2024-12-31.' });
  };
  return {
    ...(oldest === undefined ? {} : { oldestNs: momentOf(oldest) }),
    ...(newest === undefined ? {} : { newestNs: momentOf(newest) }),
  };
}

interface Wanted {
  readonly patterns: readonly ByteString[];
  readonly oldestNs?: bigint;
  readonly newestNs?: bigint;
}

async function printFiles(search: Search, values: Values, wanted: Wanted): Promise<void> {
  const { repository, index, snapshots, onBadTree, signal, context } = search;
  const { output } = context;
  const request = { ...wanted, ignoreCase: values.ignoreCase };
  const list = output.sayJsonList();
  let matches: unknown[] = [];
  let last: NamedSnapshot | undefined;
  const endSnapshot = (): void => {
    if (last !== undefined) list.add({ matches, hits: matches.length, snapshot: last.id });
    matches = [];
  };
  try {
    const found = findFiles(repository, index, snapshots, request, onBadTree, signal);
    for await (const { snapshot, path, node } of found) {
      if (snapshot !== last) {
        endSnapshot();
        last = snapshot;
        output.tell(`Found in snapshot ${shortId(snapshot.id)} from ${showTime(snapshot.time)}:`);
      }
      if (output.json) matches.push(matchJson(path, node));
      else output.say(nodeLine(path, node, values));
    }
  } finally {
    endSnapshot();
    list.end();
  }
}

async function printObjects(
  search: Search,
  values: Values,
  kind: ObjectKind,
  names: string[],
): Promise<void> {
  const { repository, index, snapshots, onBadTree, signal, context } = search;
  const { output } = context;
  const chosen = chooseObjects(index, kind, names);
  const list = output.sayJsonList();
  try {
    for await (const found of findObjects(repository, index, snapshots, chosen, onBadTree, signal)) {
      list.add(objectJson(found));
      for (const line of objectLines(found)) output.say(line);
    }
  } finally {
    list.end();
  }
  if (!values.showPackId && kind !== 'pack') return;
  for (const { type, id, packId } of placesOf(index, chosen)) {
    output.say(`${type === 'tree' ? 'tree' : 'blob'} ${id} lies in pack ${packId}`);
  }
}

function objectJson({ kind, id, path, parentTree, snapshot }: FoundObject): Record<string, unknown> {
  return {
    object_type: kind,
    id,
    path: toText(path),
    ...(parentTree === undefined ? {} : { parent_tree: parentTree }),
    snapshot: snapshot.id,
    time: snapshot.time,
  };
}

function objectLines({ kind, id, path, parentTree, snapshot }: FoundObject): string[] {
  return [
    `${kind} ${id}`,
    `  ${kind === 'blob' ? 'in file' : 'is folder'} ${printablePath(path)}`,
    ...(parentTree === undefined ? [] : [`  (tree ${parentTree})`]),
    `  in snapshot ${shortId(snapshot.id)} from ${showTime(snapshot.time)}`,
  ];
}

function tellBadTree(
  { output }: Context,
  snapshot: NamedSnapshot,
  tree: string,
  path: ByteString,
  error: unknown,
): void {
  const why = isFailure(error) ? reasonOf(error) : String(error);
  const message = `${printablePath(path)} in snapshot ${shortId(snapshot.id)} cannot be searched: ${why}`;
  output.fail(message, { message_type: 'error', message, tree, snapshot: snapshot.id, item: toText(path) });
}
