import { rmSync, statSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Compute, Crew, NewsListener } from '../../engine/compute/crew.ts';
import { inlineCompute } from '../../engine/compute/inline-compute.ts';
import { threadCompute } from '../../engine/compute/pool.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { seededChance, virtualClock } from '../support/fixed-world.ts';
import { type OddTerms, oddJobs, preparedFile } from './odd-jobs.ts';

const entry = new URL('./pool-thread.ts', import.meta.url);
const here = { chance: seededChance(1), clock: virtualClock(0n), files: realFiles };
const inline = inlineCompute(here);
const threads = threadCompute({ entry, threadsMax: 2, here });

let crew: Crew<OddTerms>;

function hire(compute: Compute, onNews?: NewsListener<OddTerms>): void {
  crew = compute.hire(oddJobs, { secret: 'of the crew' }, onNews);
}

afterEach(async () => await crew.close());
afterAll(() => rmSync(preparedFile(), { force: true }));

describe.each([
  ['threads', threads],
  ['one hand inline', inline],
] as const)('a crew of %s', (_, compute) => {
  it('does what it is asked, more than it has hands for, and answers each', async () => {
    hire(compute);
    const numbers = Array.from({ length: 50 }, (__, i) => i);
    const answers = await Promise.all(numbers.map((number) => crew.ask({ do: 'double', number })));
    expect(answers).toEqual(numbers.map((number) => number * 2));
    expect(await crew.ask({ do: 'secret' })).toBe('of the crew');
  });

  it('works with hands that were made ready before anybody knew their settings', async () => {
    compute.makeReady(oddJobs);
    hire(compute);
    const asked = Array.from({ length: 10 }, () => crew.ask({ do: 'secret' }));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['of the crew']));
  });

  it('tells, and hears what is said to it while it works', async () => {
    hire(compute, (_news, reply) => reply('go on'));
    expect(await crew.ask({ do: 'wait-for-word' })).toBe('go on');
  });

  it('says something to each of its hands', async () => {
    let waiting = 0;
    hire(compute, () => {
      if (++waiting === compute.handsMax) crew.tellEach('to all');
    });
    const asked = Array.from({ length: compute.handsMax }, () => crew.ask({ do: 'wait-for-word' }));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['to all']));
  });

  it('fails with what the work failed with, and works on', async () => {
    hire(compute);
    await expect(crew.ask({ do: 'fail' })).rejects.toMatchObject({
      code: 'source-unreadable',
      detail: { path: '/a' },
      next: 'later',
      cause: { code: 'EIO', message: 'EIO: i/o error' },
    });
    await expect(crew.ask({ do: 'fail-in-system' })).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ODD',
    });
    expect(await crew.ask({ do: 'double', number: 4 })).toBe(8);
  });

  it('asks each hand that has begun, and none where none has', async () => {
    hire(compute);
    expect(await crew.askEach({ do: 'secret' })).toEqual([]);
    await crew.ask({ do: 'double', number: 1 });
    expect(await crew.askEach({ do: 'secret' })).toEqual(['of the crew']);
  });

  it('refuses all that is asked once it is closed', async () => {
    hire(compute);
    await crew.ask({ do: 'double', number: 1 });
    await crew.close();
    await expect(crew.ask({ do: 'double', number: 1 })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a crew of threads', () => {
  it('has as many hands as it may when it is hired', async () => {
    const limited = threadCompute({ entry, threadsMax: 2, here });
    limited.limitTo(1);
    expect(limited.handsMax).toBe(1);
    hire(limited);
    await Promise.all(Array.from({ length: 9 }, (_, number) => crew.ask({ do: 'double', number })));
    expect(await crew.askEach({ do: 'secret' })).toHaveLength(1);
  });

  it('has fewer hands while it is told so, and never more than when it was hired', async () => {
    hire(threadCompute({ entry, threadsMax: 2, here }));
    const handsFor = async (handsMax: number): Promise<number> => {
      crew.limitTo(handsMax);
      await Promise.all(Array.from({ length: 9 }, (_, number) => crew.ask({ do: 'double', number })));
      return (await crew.askEach({ do: 'secret' })).length;
    };
    expect([await handsFor(1), await handsFor(1), await handsFor(5)]).toEqual([1, 1, 2]);
  });

  it('passes memory on without copying it', async () => {
    hire(threads);
    const memory = new ArrayBuffer(1_000_000);
    const answered = crew.ask({ do: 'fill', memory }, [memory]);
    expect(memory.byteLength).toBe(0);
    expect(new Uint8Array((await answered) as ArrayBuffer)[999_999]).toBe(7);
  });

  it.each(['exit', 'throw-outside'] as const)('fails as a whole when a thread dies (%s)', async (how) => {
    hire(threads);
    const asked = [{ do: how } as const, ...Array.from({ length: 20 }, () => ({ do: 'spin' }) as const)];
    const outcomes = await Promise.allSettled(asked.map((request) => crew.ask(request)));
    expect(outcomes.slice(1).every(({ status }) => status === 'rejected')).toBe(true);
    const reason = how === 'exit' ? /ended by itself, with code 7/ : /out of nowhere/;
    await expect(crew.ask({ do: 'secret' })).rejects.toThrow(reason);
  });

  it('ends no thread while it loads what is native, which would be the end of the process', async () => {
    const prepared = (): number => statSync(preparedFile(), { throwIfNoEntry: false })?.size ?? 0;
    const before = prepared();
    const some = threadCompute({ entry, threadsMax: 2, here });
    hire(some);
    void crew.ask({ do: 'double', number: 1 }).catch(() => undefined);
    await crew.close();
    expect(prepared()).toBe(before + 1);
    some.makeReady(oddJobs);
    await some.begun();
    expect(prepared()).toBe(before + 3);
  });

  it('ends a thread that never comes to an end by itself', async () => {
    hire(threads);
    const asked = crew.ask({ do: 'spin' });
    const refused = expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    await crew.close();
    await refused;
  });
});
