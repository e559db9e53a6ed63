import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { backupFrame, backupLine, backupShare, restoreFrame } from '../../engine/cli/backup-frame.ts';
import { Output, type OutputStyle } from '../../engine/cli/output.ts';
import { columnsOf } from '../../engine/cli/printable.ts';
import { BackupReport, statusJson } from '../../engine/cli/report-backup.ts';
import { framesPerSecond } from '../../engine/cli/terminal-progress.ts';
import { type Rate, startRate, withSample } from '../../engine/machine/rate.ts';
import type { BackupProgress, RunPhase } from '../../engine/protocol/run-news.ts';
import { virtualClock } from '../support/fixed-world.ts';
import { jsonLines, MemoryStream } from './cli-world.ts';

const phases: RunPhase[] = [
  ...(['opening', 'scanning', 'uploading', 'sealing', 'writing-index', 'waiting', 'committing'] as const),
];
const MiB = 1024 * 1024;

function progressOf(some: Partial<BackupProgress> = {}): BackupProgress {
  return {
    phase: 'uploading',
    filesDone: 12,
    filesTotal: 40,
    bytesRead: 30 * MiB,
    bytesTotal: 100 * MiB,
    bytesStored: 8 * MiB,
    errors: 0,
    currentFiles: [fromText('/home/me/a file')],
    ...some,
  };
}

function steadyRate(bytesPerSecond: number): Rate {
  let rate = startRate(0);
  for (let second = 1; second <= 10; second++)
    rate = withSample(rate, second * 1000, second * bytesPerSecond);
  return rate;
}

const moment = { rate: steadyRate(3 * MiB), elapsedMs: 10_000, columns: 100 };

test('a frame tells files, both tracks, the rate and a range for the time left', () => {
  expect(backupFrame(progressOf(), moment)).toEqual([
    'Backing up: 12 of 40 files, 10 s, 19-27 s left',
    'Read    [#########.....................]  30.0 MiB of 100.0 MiB  30 %  3.0 MiB/s',
    'Stored  [##............................]  8.0 MiB',
    '  /home/me/a file',
  ]);
});

test('before the scan has ended there is no share, no end, and no guess', () => {
  const { filesTotal: _files, bytesTotal: _bytes, ...open } = progressOf({ errors: 2 });
  const [head, read] = backupFrame(open, moment);
  expect(head).toBe('Backing up: 12 files, 10 s, 2 errors');
  expect(read).toBe('Read    [..............................]  30.0 MiB  3.0 MiB/s');
});

const anyProgress = fc.record({
  phase: fc.constantFrom(...phases),
  filesDone: fc.nat(),
  filesTotal: fc.nat(),
  bytesRead: fc.maxSafeNat(),
  bytesTotal: fc.maxSafeNat(),
  bytesStored: fc.maxSafeNat(),
  errors: fc.nat(5),
  currentFiles: fc.array(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => fromLatin1(Buffer.from(bytes).toString('latin1'))),
    { maxLength: 2 },
  ),
});

describe('whatever the progress is', () => {
  test('it is never 100 % before the snapshot is verified', () => {
    fc.assert(
      fc.property(anyProgress, (progress) => {
        expect(backupShare(progress)).toBeLessThan(1);
        expect(backupFrame(progress, moment).join('\n')).not.toMatch(/100 %|\[#{30}\] {2}[\d.]+ \w+ of/);
        expect(statusJson(progress, moment).percent_done).toBeLessThan(1);
        expect(backupLine(progress, moment)).not.toContain('100 %');
      }),
    );
    expect(backupShare(progressOf({ phase: 'verified' }))).toBe(1);
  });

  test('no line is wider than the terminal, and none controls it', () => {
    fc.assert(
      fc.property(anyProgress, fc.integer({ min: 10, max: 200 }), (progress, columns) => {
        for (const line of backupFrame(progress, { ...moment, columns })) {
          expect(columnsOf(line)).toBeLessThan(columns);
          expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
        }
      }),
    );
  });
});

test('a restore shows one track', () => {
  const progress = {
    filesDone: 5,
    filesTotal: 10,
    bytesDone: 100,
    bytesTotal: 100,
    filesSkipped: 2,
    bytesSkipped: 9,
    filesDeleted: 0,
    errors: 1,
  };
  const [head, written] = restoreFrame(progress, moment);
  expect(head).toBe('Restoring: 5 of 10 files, 10 s, 2 left as they were, 1 error');
  expect(written).toMatch(/^Written \[#+\.\] {2}100 B of 100 B {2}99 %/);
});

async function watch(style: Partial<OutputStyle>, environment: Record<string, string>, isTTY = true) {
  const [stdout, stderr] = [new MemoryStream(), new MemoryStream(isTTY)];
  const output = new Output(stdout, stderr, { json: false, verbosity: 1, colour: false, ...style });
  const clock = virtualClock(0n);
  const report = new BackupReport(output, clock, environment);
  for (let second = 1; second <= 40; second++) {
    report.progress(progressOf({ bytesRead: second * MiB, currentFiles: [] }));
    await clock.advance(1_000);
  }
  const ending = report.end();
  await clock.advance(1_000);
  await ending;
  return { stdout: stdout.text, stderr: stderr.text };
}

describe('a display over time', () => {
  test('on a terminal draws in place, and leaves nothing behind', async () => {
    const { stdout, stderr } = await watch({}, {});
    expect(stdout).toBe('');
    expect(stderr).toContain('\x1b[3F\x1b[JBacking up');
    expect(stderr.endsWith('\x1b[3F\x1b[J')).toBe(true);
    expect(stderr.match(/Backing up/g)!.length).toBeGreaterThan(350);
  });

  test('on a terminal that cannot draw says a line now and then', async () => {
    const { stderr } = await watch({}, { TERM: 'dumb' });
    expect(stderr).not.toContain('\x1b');
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(
      /^Backing up: 12 of 40 files, 15 s, 1-2 min left; Read 1[56]\.0 MiB of 100\.0 MiB 1[56] %/,
    );
  });

  test('where stderr is no terminal, says nothing', async () => {
    expect(await watch({}, {}, false)).toEqual({ stdout: '', stderr: '' });
  });

  test('quiet says nothing', async () => {
    expect(await watch({ verbosity: 0 }, {})).toEqual({ stdout: '', stderr: '' });
    expect(await watch({ verbosity: 0, json: true }, {})).toEqual({ stdout: '', stderr: '' });
  });

  test('for programs tells restic’s status messages on stdout', async () => {
    const { stdout, stderr } = await watch({ json: true }, { RESTIC_PROGRESS_FPS: '1' });
    expect(stderr).toBe('');
    const messages = jsonLines(stdout);
    expect(messages).toHaveLength(40);
    expect(messages[20]).toEqual({
      message_type: 'status',
      seconds_elapsed: 21,
      seconds_remaining: expect.any(Number),
      percent_done: 0.21,
      total_files: 40,
      files_done: 12,
      total_bytes: 100 * MiB,
      bytes_done: 21 * MiB,
      error_count: 0,
      phase: 'uploading',
      bytes_stored: 8 * MiB,
      bytes_per_second: expect.any(Number),
    });
  });
});

test('how often it is told', () => {
  expect(framesPerSecond({})).toBe(10);
  expect(framesPerSecond({ RESTIC_PROGRESS_FPS: '0.1' })).toBe(0.1);
  expect(framesPerSecond({ RESTIC_PROGRESS_FPS: '1', SLACKWATER_PROGRESS_FPS: '5' })).toBe(5);
  expect(framesPerSecond({ SLACKWATER_PROGRESS_FPS: '1000' })).toBe(60);
  expect(framesPerSecond({ SLACKWATER_PROGRESS_FPS: 'fast' })).toBe(10);
});

test('on 80 columns, what counts is whole', () => {
  const large = progressOf({
    filesDone: 123_456,
    filesTotal: 234_567,
    bytesRead: 1023 * MiB,
    bytesTotal: 2047 * MiB,
  });
  const slow = { rate: steadyRate(999 * 1024), elapsedMs: 3_599_000, columns: 80 };
  const [head = '', read = '', stored = ''] = backupFrame(large, slow);
  expect([head, read, stored].join('')).not.toContain('…');
  expect(head).toMatch(/ left$/);
  expect(read).toMatch(/\[#+\.+\] {2}1023\.0 MiB of 2\.0 GiB {2}49 % {2}999\.0 KiB\/s$/);
});
