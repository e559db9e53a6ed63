/**
 * What a terminal shows while a backup or restore runs: pure, from progress to lines. Two tracks, because reading the
 * files and storing what is new in them are two things. It never says 100 % before the snapshot is verified.
 */
import { bytesPerSecond, type Rate, timeLeft } from '../machine/rate.ts';
import type { BackupProgress, RestoreProgress, RunPhase } from '../protocol/run-news.ts';
import { showBytes, showCount, showCounted, showDuration, showTimeLeft } from './display.ts';
import { fitEnd, fitStart, padEnd, printablePath } from './printable.ts';

const phaseNames: Readonly<Record<RunPhase, string>> = {
  opening: 'Opening',
  scanning: 'Scanning',
  uploading: 'Backing up',
  sealing: 'Sealing packs',
  'writing-index': 'Writing index',
  waiting: 'Waiting for the vault',
  proving: 'Proving what is stored',
  committing: 'Committing',
  verified: 'Verified',
};

/** The share done, 0 to 1; below 1 until the snapshot is verified, undefined while the total is unknown. */
export function backupShare({ phase, bytesRead, bytesTotal }: BackupProgress): number | undefined {
  if (phase === 'verified') return 1;
  if (bytesTotal === undefined) return undefined;
  return Math.min(shareMax, bytesTotal === 0 ? 0 : bytesRead / bytesTotal);
}

const shareMax = 0.99;
const labelColumns = 7;
const barColumnsMax = 30;
/** What must fit beside a bar. */
const besideBarColumns = 47;

export interface Moment {
  readonly rate: Rate;
  readonly elapsedMs: number;
  readonly columns: number;
}

/** Lines that are no wider than the terminal. */
export function backupFrame(progress: BackupProgress, { rate, elapsedMs, columns }: Moment): string[] {
  const { phase, filesDone, filesTotal, bytesRead, bytesTotal, bytesStored, errors, currentFiles } = progress;
  const total = bytesTotal ?? 0;
  const share = backupShare(progress);
  const files = filesTotal === undefined ? '' : ` of ${showCount(Math.max(filesDone, filesTotal))}`;
  const isReading = bytesTotal !== undefined && phase === 'uploading';
  const head = [
    `${phaseNames[phase]}: ${showCount(filesDone)}${files} files`,
    showDuration(elapsedMs),
    isReading ? leftOf(rate, total - bytesRead) : '',
    errors === 0 ? '' : showCounted(errors, 'error'),
  ];
  const all = bytesTotal === undefined ? '' : ` of ${showBytes(Math.max(bytesRead, total))}`;
  const read = [showBytes(bytesRead) + all, percentOf(share), paceOf(rate)];
  const storedShare = total === 0 ? 0 : Math.min(1, bytesStored / total);
  return [
    joined(head),
    track('Read', share ?? 0, read, columns),
    track('Stored', storedShare, [showBytes(bytesStored)], columns),
    ...currentFiles.slice(0, 1).map((path) => `  ${fitStart(printablePath(path), columns - 3)}`),
  ].map((line) => fitEnd(line, columns - 1));
}

export function restoreFrame(progress: RestoreProgress, { rate, elapsedMs, columns }: Moment): string[] {
  const { filesDone, filesTotal, bytesDone, bytesTotal, filesSkipped, filesDeleted, errors } = progress;
  const head = [
    `Restoring: ${showCount(filesDone)} of ${showCount(filesTotal)} files`,
    showDuration(elapsedMs),
    leftOf(rate, bytesTotal - bytesDone),
    filesSkipped === 0 ? '' : `${showCount(filesSkipped)} left as they were`,
    filesDeleted === 0 ? '' : `${showCount(filesDeleted)} deleted`,
    errors === 0 ? '' : showCounted(errors, 'error'),
  ];
  const share = bytesTotal === 0 ? 0 : Math.min(shareMax, bytesDone / bytesTotal);
  const done = [`${showBytes(bytesDone)} of ${showBytes(bytesTotal)}`, percentOf(share), paceOf(rate)];
  return [joined(head), track('Written', share, done, columns)].map((line) => fitEnd(line, columns - 1));
}

function joined(facts: readonly string[]): string {
  return facts.filter(Boolean).join(', ');
}

function percentOf(share: number | undefined): string {
  return share === undefined ? '' : `${Math.floor(share * 100)} %`;
}

function paceOf(rate: Rate): string {
  const pace = bytesPerSecond(rate);
  return pace === undefined ? '' : `${showBytes(pace)}/s`;
}

function leftOf(rate: Rate, bytesLeft: number): string {
  const left = timeLeft(rate, bytesLeft);
  return left === undefined || left.mostMs === 0 ? '' : showTimeLeft(left);
}

function track(label: string, share: number, facts: readonly string[], columns: number): string {
  const width = Math.min(barColumnsMax, columns - labelColumns - besideBarColumns);
  const bar = width < 8 ? '' : `${barOf(share, width)}  `;
  return `${padEnd(label, labelColumns)} ${bar}${facts.filter(Boolean).join('  ')}`;
}

function barOf(share: number, width: number): string {
  const full = Math.min(width, Math.floor(share * width));
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}

/** One line, for a terminal that cannot draw over what it shows. */
export function backupLine(progress: BackupProgress, moment: Moment): string {
  const [head = '', read = '', stored = ''] = backupFrame(progress, {
    ...moment,
    columns: Number.MAX_SAFE_INTEGER,
  });
  const facts = [read, stored].map((line) =>
    line
      .replace(/\s+\[[#.]*\]\s*/, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return [head, ...facts].join('; ');
}
