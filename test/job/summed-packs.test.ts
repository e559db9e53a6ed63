import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { limits } from '../../engine/base/limits.ts';
import { idOf } from '../../engine/format/id.ts';
import { SummedPacks } from '../../engine/job/summed-packs.ts';
import { CheckedRepository, readAll } from '../support/checked-repository.ts';

let made: CheckedRepository;
let ids: readonly string[];
beforeEach(async () => {
  made = await CheckedRepository.make();
  await made.fill();
  Object.assign(made.backend, { folder: '/memory' });
  ids = [...made.packIds('data'), ...made.packIds('tree')];
});

const signal = new AbortController().signal;

async function sum(ends = signal): Promise<SummedPacks> {
  const summed = new SummedPacks();
  await summed.sum(made.backend, ends);
  return summed;
}

function spoil(id: string, at = 20): void {
  const bytes = made.packBytes(id);
  bytes[at]! ^= 1;
  made.putPack(id, bytes);
}

const known = (summed: SummedPacks): boolean[] => ids.map((id) => summed.has(id));

describe('packs that are summed up ahead', () => {
  it('are known where they are what their names say, however long they are', async () => {
    const long = Buffer.alloc(2 * limits.sumPieceBytes + 1, 'long');
    made.putPack(idOf(long), long);
    const summed = await sum();
    expect(known(summed)).toEqual(ids.map(() => true));
    expect(summed.has(idOf(long))).toBe(true);
  });

  it('are not known where one bit is another', async () => {
    spoil(ids[1]!);
    expect(known(await sum())).toEqual(ids.map((id) => id !== ids[1]));
  });

  it('are not known where they were cut short', async () => {
    made.putPack(ids[0]!, made.packBytes(ids[0]!).subarray(1));
    expect(known(await sum())).toEqual(ids.map((id) => id !== ids[0]));
  });

  it('are not read across a network, nor when nobody waits any more', async () => {
    made.backend.asked.length = 0;
    expect(known(await sum(AbortSignal.abort()))).not.toContain(true);
    delete (made.backend as { folder?: string }).folder;
    expect(known(await sum())).not.toContain(true);
    expect(made.backend.asked.filter((each) => each.startsWith('load'))).toEqual([]);
  });

  it('are left to the check where they cannot be read', async () => {
    made.backend.before = (operation) => {
      if (operation === 'load') throw new Failure('io', {}, { next: 'never' });
    };
    expect(known(await sum())).not.toContain(true);
  });
});

describe('a check that knows packs', () => {
  it('finds as much as one that does not', async () => {
    for (const id of ids) {
      const good = made.packBytes(id);
      for (const at of [20, good.length - 30, good.length - 2]) {
        spoil(id, at);
        const { findings } = await made.check(readAll);
        const told = await made.check(readAll, signal, await sum());
        expect(told.findings).toEqual(findings);
        expect(told.summary.brokenPacks).toEqual([id]);
        made.putPack(id, good);
      }
    }
    expect((await made.check(readAll, signal, await sum())).findings).toEqual([]);
  });

  it('finds what was spoiled after that, and then sums it up again', async () => {
    const summed = await sum();
    for (const id of ids) {
      const good = made.packBytes(id);
      for (const at of [20, good.length - 30, good.length - 2]) {
        spoil(id, at);
        const { codes, summary } = await made.check(readAll, signal, summed);
        expect(codes).toContain('error pack-hash');
        expect(summary.brokenPacks).toEqual([id]);
        made.putPack(id, good);
      }
    }
  });
});
