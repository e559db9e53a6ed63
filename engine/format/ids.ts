/**
 * The ids of many contents. SHA-256 of one content is a chain of steps, each of which waits for the one before; side by side
 * (`hash-lanes.ts`) they are done 1.7 times as fast, and 3.7 times by a processor without instructions for SHA-256. That is
 * called straight where this program shows it (`system/linked.ts`), and knows the known answers; else each content is
 * hashed by itself.
 */
import { type HashLanes, openHashLanes } from './hash-lanes.ts';
import { type Id, idOf } from './id.ts';
import { hashAtOnce, LinkedSum, type RunningSum } from './running-sum.ts';

/** `beside` is taken further meanwhile, where that costs nothing. */
export function idsOf(contents: readonly Uint8Array[], beside?: RunningSum): Id[] {
  const linked = beside instanceof LinkedSum ? beside : undefined;
  const isAlone = contents.length < 2 && linked === undefined;
  const lanes = isAlone ? undefined : hashLanes();
  return lanes === undefined ? contents.map(idOf) : lanes.idsOf(contents, linked);
}

export function openSum(): RunningSum {
  return hashLanes()?.openSum() ?? hashAtOnce();
}

/** Looks now for what is native, and not with the first contents. */
export function loadHashLanes(): void {
  hashLanes();
}

let found: { readonly lanes: HashLanes | undefined } | undefined;

function hashLanes(): HashLanes | undefined {
  if (found === undefined) {
    const lanes = openHashLanes();
    found = { lanes: lanes !== undefined && knowsAnswers(lanes) ? lanes : undefined };
  }
  return found.lanes;
}

/**
 * All lengths about the end of a block, empty contents, such ones that lanes are done at different times, few and many of
 * them, and a sum beside them: OpenSSL has a function of its own for each kind of processor.
 */
function knowsAnswers(lanes: HashLanes): boolean {
  const edges = [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 3, 640];
  const uneven = Array.from({ length: 20 }, (_, i) => (100 * i) % 777);
  const few = [[900], [9_000], [70, 9_000], [9_000, 8_000], [300, 2, 400], [9_000, 8_000, 7_000]];
  const sets = [edges, uneven, ...few].map((lengths) =>
    lengths.map((length) => Buffer.alloc(length, length)),
  );
  const sum = lanes.openSum();
  const areRight = sets.every((contents) => {
    sum.take(Buffer.concat(contents));
    const ids = lanes.idsOf(contents, sum);
    sum.settle();
    return contents.every((content, i) => ids[i] === idOf(content));
  });
  return areRight && sum.id() === idOf(Buffer.concat(sets.flat()));
}
