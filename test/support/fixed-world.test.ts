/** The test doubles themselves: other tests believe them. */
import { describe, expect, it } from 'vitest';
import { seededChance, virtualClock } from './fixed-world.ts';

describe('seeded chance', () => {
  it('gives the same bytes for one seed, however they are drawn', () => {
    const whole = seededChance('a').bytes(100);
    const chance = seededChance('a');
    const parts = [chance.bytes(1), chance.bytes(0), chance.bytes(64), chance.bytes(35)];
    expect(Buffer.concat(parts)).toEqual(Buffer.from(whole));
    expect(seededChance('b').bytes(100)).not.toEqual(whole);
  });
});

describe('virtual clock', () => {
  it('stands still until it is advanced', async () => {
    const clock = virtualClock(5_000_000_000n);
    await clock.advance(1.5);
    expect(clock.wallNs()).toBe(5_001_500_000n);
    expect(clock.elapsedMs()).toBe(1.5);
  });

  it('wakes sleepers in the order of their time, chains included', async () => {
    const clock = virtualClock(0n);
    const woken: string[] = [];
    const nap = async (name: string, ...msList: number[]): Promise<void> => {
      for (const ms of msList) {
        await clock.sleep(ms);
        woken.push(`${name}@${clock.elapsedMs()}`);
      }
    };
    const naps = [nap('chain', 10, 10, 100), nap('late', 15), nap('now', 0)];
    await clock.advance(20);
    expect(woken).toEqual(['now@0', 'chain@10', 'late@15', 'chain@20']);
    await clock.advance(100);
    await Promise.all(naps);
    expect(woken.at(-1)).toBe('chain@120');
  });

  it('ends a sleep at once when its signal is aborted', async () => {
    const clock = virtualClock(0n);
    const cancel = new AbortController();
    const slept = clock.sleep(1000, cancel.signal);
    cancel.abort();
    await slept;
    await clock.sleep(1000, cancel.signal);
    expect(clock.elapsedMs()).toBe(0);
  });
});
