import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ClaimTable, makeClaims } from '../../engine/compute/claim-table.ts';
import { idOf } from '../../engine/format/id.ts';

const idFor = (number: number): Buffer => Buffer.from(idOf(Buffer.from(`blob ${number}`)), 'hex');

describe('claiming blobs', () => {
  it('gives each blob to the first who asks, through every growth', () => {
    const handle = makeClaims();
    const [one, other] = [new ClaimTable(handle), new ClaimTable(handle)];
    const count = 30_000;
    for (let i = 0; i < count; i++) expect((i % 2 ? one : other).claim('data', idFor(i))).toBe(true);
    for (let i = 0; i < count; i++) expect((i % 2 ? other : one).claim('data', idFor(i))).toBe(false);
  });

  it('knows a tree from data of the same id', () => {
    const claims = new ClaimTable(makeClaims());
    expect(claims.claim('data', idFor(1))).toBe(true);
    expect(claims.claim('tree', idFor(1))).toBe(true);
    expect(claims.claim('tree', idFor(1))).toBe(false);
  });

  it('gives each blob to exactly one of several threads that ask at the same time', async () => {
    const count = 40_000;
    const entry = new URL('./claim-thread.ts', import.meta.url);
    const claims = makeClaims();
    const claimed = await Promise.all(
      Array.from(
        { length: 3 },
        () =>
          new Promise<number[]>((resolve, reject) => {
            const worker = new Worker(entry, { workerData: { claims, count } });
            worker.on('message', resolve);
            worker.on('error', reject);
          }),
      ),
    );
    const all = claimed.flat();
    expect(all).toHaveLength(count);
    expect(new Set(all).size).toBe(count);
  });
});
