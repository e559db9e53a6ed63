import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import {
  dueLooks,
  type LateVerdict,
  lateVerdict,
  type SeenOfSnapshot,
} from '../../engine/machine/late-look.ts';

const hourMs = 3_600_000;
const nowMs = 1_800_000_000_000;
const run = (committedHoursAgo: number, lookedHoursAgo?: number) => ({
  committedMs: nowMs - committedHoursAgo * hourMs,
  lookedMs: lookedHoursAgo === undefined ? undefined : nowMs - lookedHoursAgo * hourMs,
});

describe('a late look', () => {
  it.each<[string, ReturnType<typeof run>, number, boolean]>([
    ['is not made before a day has passed', run(23.9), 0, false],
    ['is due after a day', run(24), 0, true],
    ['waits for others, to be made with them', run(30), nowMs - 11 * hourMs, false],
    ['waits for nobody longer than half a day', run(30), nowMs - 12 * hourMs, true],
    ['is made again a day later where something was missing', run(60, 24), nowMs - 24 * hourMs, true],
    ['is not made again sooner', run(60, 23), nowMs - 23 * hourMs, false],
    ['comes early rather than never where the clock was set back', run(-48), 0, true],
  ])('%s', (_, one, lastMs, isDue) => {
    expect(dueLooks([one], lastMs, nowMs)).toEqual(isDue ? [one] : []);
  });

  it('comes to every snapshot of whoever backs up once a day, at the latest on the day after the next', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 23.5, max: 24.5, noNaN: true }), { minLength: 5 }), (gaps) => {
        let atMs = nowMs;
        let lastMs = 0;
        let open: { committedMs: number; lookedMs: undefined }[] = [];
        for (const gap of gaps) {
          atMs += gap * hourMs;
          const due = dueLooks(open, lastMs, atMs);
          if (due.length > 0) lastMs = atMs;
          open = open.filter((each) => !due.includes(each));
          for (const { committedMs } of open) expect(atMs - committedMs).toBeLessThan(2 * limits.lateLookMs);
          open.push({ committedMs: atMs, lookedMs: undefined });
        }
      }),
    );
  });
});

describe('what a late look says', () => {
  const seen: SeenOfSnapshot = { isThere: true, isBegunAnew: false, indexesGone: 0, packsGone: 0 };
  it.each<[string, Partial<SeenOfSnapshot>, LateVerdict]>([
    ['all that the run relied on is there', {}, 'untouched'],
    ['its run was begun anew', { isBegunAnew: true }, 'in-doubt'],
    ['its run was begun anew, and it was never there', { isThere: false, isBegunAnew: true }, 'forgotten'],
    ['an index is gone', { indexesGone: 1 }, 'in-doubt'],
    ['a pack is gone', { packsGone: 1 }, 'in-doubt'],
    ['what is gone is elsewhere', { indexesGone: 2, packsGone: 1, missingBlobs: 0 }, 'covered'],
    ['what is gone is needed', { packsGone: 1, missingBlobs: 7 }, 'missing'],
    ['somebody has removed it', { isThere: false, packsGone: 3 }, 'forgotten'],
    ['it was removed while it was walked', { isThere: false, packsGone: 3, missingBlobs: 7 }, 'forgotten'],
  ])('%s', (_, change, verdict) => {
    expect(lateVerdict({ ...seen, ...change })).toBe(verdict);
  });

  it('is never well where anything was removed and nothing was walked', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), (indexesGone, packsGone) => {
        const verdict = lateVerdict({ ...seen, indexesGone, packsGone });
        expect(verdict === 'untouched').toBe(indexesGone + packsGone === 0);
      }),
    );
  });
});
