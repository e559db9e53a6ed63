import { describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { startRate, withSample } from '../../engine/machine/rate.ts';
import type { BackupProgress } from '../../engine/protocol/run-news.ts';
import { runProgress } from '../../engine/worker/backup-run.ts';
import { Paced } from '../../engine/worker/paced.ts';
import { virtualClock } from '../support/fixed-world.ts';

describe('paced news', () => {
  it('comes four times a second at most, however often it is offered, and the last one always', async () => {
    const clock = virtualClock(0n);
    const told: { value: number; atMs: number }[] = [];
    const paced = new Paced<number>(clock, (value) => told.push({ value, atMs: clock.elapsedMs() }));
    for (let value = 0; value < 1_000; value++) {
      paced.offer(value);
      await clock.advance(10);
    }
    expect(told).toHaveLength(40);
    expect(told.every(({ atMs }, at) => at === 0 || atMs - told[at - 1]!.atMs >= 250)).toBe(true);
    paced.offer(1_000);
    await paced.end();
    paced.offer(1_001);
    await clock.advance(1_000);
    expect(told.at(-1)).toEqual({ value: 1_000, atMs: 10_000 });
  });

  it('tells nothing where nothing was offered', async () => {
    const clock = virtualClock(0n);
    const told: number[] = [];
    const paced = new Paced<number>(clock, (value) => told.push(value));
    await clock.advance(1_000);
    await paced.end();
    expect(told).toEqual([]);
  });
});

describe('the progress of a backup', () => {
  const progress: BackupProgress = {
    phase: 'uploading',
    filesDone: 1,
    filesTotal: 2,
    bytesRead: 50_000,
    bytesTotal: 100_000,
    bytesStored: 10,
    errors: 0,
    currentFiles: [fromText('/home/ä')],
  };
  const counts = { phase: 'uploading', filesDone: 1, bytesRead: 50_000, currentFile: '/home/ä' };
  const steady = [1, 2, 3, 4, 5].reduce((rate, s) => withSample(rate, s * 1000, s * 10_000), startRate(0));

  it('has rates and the time left once enough was seen, and the name as text', () => {
    const told = runProgress(progress, startRate(0));
    expect(told).toMatchObject(counts);
    expect(Object.keys(told)).not.toEqual(expect.arrayContaining(['readRate']));
    const later = runProgress(progress, steady);
    expect(later.readRate).toBeCloseTo(10_000);
    expect(later.leastLeftMs).toBeLessThan(5_000);
    expect(later.mostLeftMs).toBeGreaterThan(5_000);
  });

  it('names no time left where the end is not known', () => {
    const { bytesTotal: _, ...endless } = progress;
    expect(runProgress(endless, steady)).not.toHaveProperty('leastLeftMs');
  });
});
