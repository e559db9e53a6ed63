import { expect, it } from 'vitest';
import { limits } from '../../../engine/base/limits.ts';
import { makeBase } from './base-repository.ts';
import { hourMs } from './chaos.ts';
import { type LongCut, simulateLongCut } from './long-cut.ts';

const base = await makeBase();

async function cut(isSilent: boolean, isTold: boolean): Promise<LongCut> {
  return await simulateLongCut(base, { cutMs: 3 * hourMs, isSilent, isTold });
}

it.each([
  ['resets every connection', false, false],
  ['swallows all that is sent', true, false],
  ['is told by the system', false, true],
])(
  'a network that %s for 3 hours at the commit, and a reboot in it: committed within 15 s of its turning good',
  async (_, isSilent, isTold) => {
    const { goodMs, committedMs, backMs, sourcesOpenedAgain, violations } = await cut(isSilent, isTold);
    expect(violations).toEqual([]);
    expect(goodMs).toBeGreaterThanOrEqual(backMs);
    expect(committedMs - goodMs).toBeLessThanOrEqual(15_000);
    // It is looked at in time: the longest pause between two looks, and three good ones.
    expect(goodMs - backMs).toBeLessThanOrEqual(isTold ? 30_000 : limits.probeOfflineMsMax + 60_000);
    expect(sourcesOpenedAgain).toBe(0);
  },
);
