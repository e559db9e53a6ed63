/** The options of `npm run faults`. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

export interface FaultOptions {
  /** Names of rows; all where none is named. */
  readonly rows: readonly string[];
  readonly restic: boolean;
  readonly nth: boolean;
  readonly link: boolean;
  readonly atOnce: number;
  readonly folder: string;
  readonly verbose: boolean;
  readonly help: boolean;
}

export const usage = `npm run faults -- [OPTION...]
  --rows NAMES     only these rows, as in S1,S2
  --no-restic      only ours
  --at-once N      rows that run side by side (2)
  --nth            instead: fail the nth request of a small backup, for every n and every fault
  --link           instead: an upload over a link of 150 ms round trip, beside restic's
  --folder FOLDER  where data and repositories go for the time being (the system's temporary folder)
  --verbose        print what ours said where a row is not as it must be
`;

export function readOptions(args: readonly string[]): FaultOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      rows: { type: 'string', default: '' },
      restic: { type: 'boolean', default: true },
      'at-once': { type: 'string', default: '2' },
      folder: { type: 'string', default: tmpdir() },
      nth: flag,
      link: flag,
      verbose: flag,
      help: flag,
    },
  });
  const { rows, 'at-once': atOnce, ...rest } = values;
  return { ...rest, rows: rows === '' ? [] : rows.split(','), atOnce: Number(atOnce) };
}
