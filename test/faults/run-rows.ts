/** All rows, some side by side; each is printed when it is known, and the table at the end. */
import type { FaultOptions } from './options.ts';
import { makePlace, type Place, rowSize } from './place.ts';
import type { Row } from './row.ts';
import { rows } from './rows.ts';
import { type Outcome, runRow } from './run-row.ts';
import { tableHead, tableRow } from './table.ts';
import { faultsOf } from './verdict.ts';

interface Done {
  readonly line: string;
  readonly faults: readonly string[];
}

/** Answers whether every row is as it must be. */
export async function runRows(
  folder: string,
  options: FaultOptions,
  say: (text: string) => void,
): Promise<boolean> {
  const place = await makePlace(folder, rowSize);
  const named = rows.filter(({ name, isLong = false }) =>
    options.rows.length === 0 ? !isLong : options.rows.includes(name),
  );
  const dataBytes = rowSize.largeFiles * rowSize.largeBytes + rowSize.smallFiles * 4_096;
  const done = new Map<Row, Done>();
  const waiting = [...named];
  const work = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const one = await runBoth(row, place, dataBytes, options, say);
      done.set(row, one);
      say(one.line);
      for (const fault of one.faults) say(`  ${row.name}: ${fault}\n`);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  say(`\n${tableHead}${named.map((row) => done.get(row)!.line).join('')}`);
  const wrong = named.filter((row) => done.get(row)!.faults.length > 0);
  say(`\n${named.length - wrong.length} rows as they must be, ${wrong.length} not\n`);
  return wrong.length === 0;
}

async function runBoth(
  row: Row,
  place: Place,
  dataBytes: number,
  { restic, verbose }: FaultOptions,
  say: (text: string) => void,
): Promise<Done> {
  const withRestic = restic && row.withoutRestic === undefined;
  const [ours, theirs] = await Promise.all([
    runRow(row, 'ours', place, dataBytes),
    withRestic ? runRow(row, 'restic', place, dataBytes) : undefined,
  ]);
  const faults = faultsOf(row, ours);
  if (verbose && faults.length > 0) say(wordsOf(ours));
  return { line: tableRow(row, ours, theirs, faults.length === 0), faults };
}

function wordsOf({ said, again }: Outcome): string {
  return `${said}${again === undefined ? '' : `\n--- the next run:\n${again.said}`}`
    .replace(/^/gm, '    > ')
    .slice(0, 3_000)
    .concat('\n');
}
