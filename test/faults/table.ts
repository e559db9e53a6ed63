/** The table of `npm run faults`: one line for a row, ours and restic's beside each other. */
import type { Row } from './row.ts';
import type { Outcome } from './run-row.ts';
import { hasClaimed } from './verdict.ts';

export const tableHead =
  '| # | fault | ours | time | kept | sent again | restic 0.19.1 | time | kept | sent again |\n|---|---|---|--:|---|--:|---|--:|---|--:|\n';

export function tableRow(row: Row, ours: Outcome, restic: Outcome | undefined, isWell: boolean): string {
  const theirs = restic === undefined ? [row.withoutRestic ?? '', '', '', ''] : cells(restic);
  const [outcome, ...rest] = cells(ours);
  return `| ${[row.name, row.fault, isWell ? outcome : `**${outcome}**`, ...rest, ...theirs].join(' | ')} |\n`;
}

function cells(outcome: Outcome): string[] {
  const { again } = outcome;
  const resent = outcome.resentBytes + (again?.resentBytes ?? 0);
  const noticed = outcome.noticedMs === undefined ? '' : `, noticed after ${seconds(outcome.noticedMs)}`;
  return [
    inWords(outcome) + noticed,
    seconds(outcome.tookMs),
    outcome.snapshots > 0 ? 'yes' : (again?.snapshots ?? 0) > 0 ? 'no; by the next run' : '**no**',
    resent === 0 ? '0' : `${(resent / 1e6).toFixed(1)} MB`,
  ];
}

function inWords(outcome: Outcome): string {
  const { code, isOwnEnd, said, snapshots, removed } = outcome;
  const claims = hasClaimed(outcome);
  if (outcome.damage !== undefined) return 'damaged the repository';
  if (claims && snapshots === 0) return 'false success';
  if (isOwnEnd && code === 0) return removed > 0 ? `saved (deleted ${removed} stored)` : 'saved';
  if (isOwnEnd && code === null) return 'killed';
  const why = /^waiting: (.+?), trying/m.exec(said)?.[1];
  if (!isOwnEnd)
    return code === null ? 'no end, killed' : why === undefined ? 'no outcome, stopped' : `waits: ${why}`;
  if (!claims && snapshots > 0) return `false failure (exit ${code})`;
  return removed > 0 ? `fails (exit ${code}), deleted what was stored` : `fails (exit ${code})`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
