import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { Batches } from '../../engine/job/archive-batch.ts';
import type { BlobStore } from '../../engine/repo/blob-store.ts';

interface Sent {
  readonly items: readonly string[];
  readonly settle: () => void;
}

/** Batches for two hands, and what was sent of them. */
function batches(): { batches: Batches<string>; sent: Sent[] } {
  const sent: Sent[] = [];
  const store = { handsMax: 2 } as BlobStore;
  const send = (items: readonly string[]): Promise<void> =>
    new Promise((settle) => sent.push({ items, settle }));
  const listener = { moved: () => undefined, failed: () => undefined };
  return { batches: new Batches<string>(store, listener, send), sent };
}

async function settleAll(sent: Sent[]): Promise<void> {
  for (const { settle } of sent.splice(0)) settle();
  await new Promise((resolve) => setImmediate(resolve));
}

describe('batches', () => {
  it('go when they are full, of items or of bytes, whatever else is under way', () => {
    const { batches: some, sent } = batches();
    for (let i = 0; i < 5 * limits.batchFilesMax; i++) some.add(`${i}`, 1);
    some.add('large', limits.batchBytesMax);
    expect(sent.map(({ items }) => items.length)).toEqual([...Array(5).fill(limits.batchFilesMax), 1]);
    expect(sent.flatMap(({ items }) => items).slice(0, 3)).toEqual(['0', '1', '2']);
  });

  it('that are not full go where a hand may have nothing to do next, and else wait for more', async () => {
    const { batches: some, sent } = batches();
    for (const item of ['a', 'b', 'c', 'd', 'e']) {
      some.add(item, 1);
      some.flush();
    }
    expect(sent.map(({ items }) => items)).toEqual([['a'], ['b'], ['c']]);
    some.flush();
    expect(sent).toHaveLength(3);
    // And then nobody needs to ask again.
    await settleAll(sent);
    expect(sent.map(({ items }) => items)).toEqual([['d', 'e']]);
    await settleAll(sent);
    some.flush();
    expect(sent).toEqual([]);
  });

  it('wait while large things are under way, too', async () => {
    const { batches: some, sent } = batches();
    const large: (() => void)[] = [];
    for (let i = 0; i < 3; i++) some.sendAlone(new Promise((resolve) => large.push(resolve)));
    some.add('a', 1);
    some.flush();
    expect(sent).toEqual([]);
    large[0]!();
    await settleAll(sent);
    expect(sent.map(({ items }) => items)).toEqual([['a']]);
  });
});
