import { describe, expect, it } from 'vitest';
import { inAdvance } from '../../engine/base/in-advance.ts';

describe('what is got in advance', () => {
  const begun: number[] = [];
  const get = async (item: number): Promise<string> => {
    begun.push(item);
    // Later ones are sooner.
    for (let i = 10 * (5 - item); i > 0; i--) await undefined;
    if (item === 3) throw new Error('three');
    return `got ${item}`;
  };

  it('begins at once, comes in its order, and is never more than was asked', async () => {
    begun.length = 0;
    const all = inAdvance([0, 1, 2], 2, get);
    expect(begun).toEqual([0, 1]);
    expect(await all.next()).toEqual({ done: false, value: [0, 'got 0'] });
    expect(begun).toEqual([0, 1]);
    expect([await all.next(), await all.next()]).toMatchObject([
      { value: [1, 'got 1'] },
      { value: [2, 'got 2'] },
    ]);
    expect(begun).toEqual([0, 1, 2]);
    expect(await all.next()).toEqual({ done: true, value: undefined });
    for await (const _ of inAdvance<number, string>([], 2, get)) expect.unreachable();
  });

  it('fails when the turn of what failed comes', async () => {
    begun.length = 0;
    const got: string[] = [];
    const taking = async (): Promise<void> => {
      for await (const [, each] of inAdvance([0, 1, 2, 3, 4], 4, get)) got.push(each);
    };
    await expect(taking()).rejects.toThrow('three');
    expect(got).toEqual(['got 0', 'got 1', 'got 2']);
  });
});
