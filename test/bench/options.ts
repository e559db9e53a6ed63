/** The options of `npm run bench`. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { fullSizes, type Sizes } from './make-trees.ts';
import { type TreeName, type Work, works } from './works.ts';

export interface BenchOptions {
  readonly pairs: number;
  readonly folder: string;
  readonly trees: readonly TreeName[];
  readonly works: readonly Work[];
  readonly sizes: Sizes;
  readonly isCold: boolean;
  /** Both do as if the processor had no instructions for SHA-256. */
  readonly hasPlainSha: boolean;
  /** Measure the opening of a vault and the memory for its blobs instead. */
  readonly opening: boolean;
  readonly blobCounts: readonly number[];
  /** Measure how long the event loop waits while we work instead. */
  readonly eventLoop: boolean;
  /** Measure what the journal costs a first backup of small files instead. */
  readonly journal: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench -- [OPTION...]
  --pairs N          how often each of the two does everything (5)
  --trees NAMES      small,large
  --works NAMES      ${works.map(({ name }) => name).join(',')}; each needs those before it, which it names as well
  --folder FOLDER    where data and repositories go for the time being (the system's temporary folder)
  --small-files N    (${fullSizes.smallFiles})
  --large-bytes N    (${fullSizes.largeBytes})
  --plain-sha        as on a processor without instructions for SHA-256: both are told to do without
  --warm             leave in memory what the system has read of the disk; without, it is dropped where we may (as root)
  --opening          instead: open vaults of many blobs, show memory and time
  --event-loop       instead: how long the orchestrating thread keeps its event loop waiting, on small files
  --journal          instead: what the journal costs a first backup of small files
  --blobs COUNTS     for --opening (0,1e6,2e6,5e6,10e6)
`;

export function readOptions(args: readonly string[]): BenchOptions {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      pairs: text('5'),
      folder: text(tmpdir()),
      trees: text('small,large'),
      works: text(works.map(({ name }) => name).join(',')),
      'small-files': text(String(fullSizes.smallFiles)),
      'large-bytes': text(String(fullSizes.largeBytes)),
      blobs: text('0,1e6,2e6,5e6,10e6'),
      'plain-sha': flag,
      warm: flag,
      opening: flag,
      'event-loop': flag,
      journal: flag,
      help: flag,
    },
  });
  const named = values.works.split(',');
  return {
    pairs: Number(values.pairs),
    folder: values.folder,
    trees: (['small', 'large'] as const).filter((tree) => values.trees.split(',').includes(tree)),
    works: works.filter(({ name }) => named.includes(name)),
    sizes: { smallFiles: Number(values['small-files']), largeBytes: Number(values['large-bytes']) },
    hasPlainSha: values['plain-sha'],
    isCold: !values.warm && process.getuid?.() === 0,
    opening: values.opening,
    eventLoop: values['event-loop'],
    journal: values.journal,
    blobCounts: values.blobs.split(',').map(Number),
    help: values.help,
  };
}
