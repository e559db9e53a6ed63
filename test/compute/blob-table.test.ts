import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlobTable } from '../../engine/compute/blob-table.ts';
import { idOf } from '../../engine/format/id.ts';

const idFor = (number: number): string => idOf(Buffer.from(`blob ${number}`));

describe('the blob table', () => {
  it('finds everything that was put in, through every growth, and nothing else', () => {
    const table = new BlobTable();
    const count = 40_000;
    for (let i = 0; i < count; i++) {
      table.add(i % 3 === 0 ? 'tree' : 'data', idFor(i), {
        pack: i >> 4,
        offset: i,
        length: i + 32,
        plainLength: i * 2,
      });
    }
    expect(table.size).toBe(count);
    for (let i = 0; i < count; i += 7) {
      const type = i % 3 === 0 ? 'tree' : 'data';
      const place = { pack: i >> 4, offset: i, length: i + 32, plainLength: i * 2 };
      expect(table.places(type, idFor(i))).toEqual([place]);
      expect(table.has(type === 'tree' ? 'data' : 'tree', idFor(i))).toBe(false);
      expect(table.has(type, idFor(count + i))).toBe(false);
    }
  });

  it('keeps every place of a blob that several packs hold, of each type apart, up to the largest numbers', () => {
    const most = 2 ** 32 - 1;
    const one = { pack: 1, offset: most, length: most, plainLength: most };
    const two = { pack: 2 ** 31 - 1, offset: 0, length: 32, plainLength: 0 };
    const table = new BlobTable();
    table.add('data', idFor(1), one);
    table.add('tree', idFor(1), two);
    table.add('data', idFor(1), two);
    expect(table.places('data', idFor(1))).toEqual([one, two]);
    expect(table.places('tree', idFor(1))).toEqual([two]);
  });

  it('lists entries as they came', () => {
    const entry = fc.record({
      type: fc.constantFrom('data' as const, 'tree' as const),
      id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
      pack: fc.nat(1000),
      offset: fc.nat(2 ** 31 - 1),
      length: fc.nat(2 ** 31 - 1),
      plainLength: fc.nat(2 ** 31 - 1),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 50 }), (entries) => {
        const table = new BlobTable();
        for (const { type, id, ...place } of entries) table.add(type, id, place);
        expect([...table.entries()]).toEqual(entries);
      }),
    );
  });

  it('works with ids that all belong into one bucket', () => {
    const table = new BlobTable();
    const ids = Array.from({ length: 300 }, (_, i) => `00000000${i.toString(16).padStart(56, '0')}`);
    for (const [i, id] of ids.entries())
      table.add('data', id, { pack: i, offset: 0, length: 32, plainLength: 0 });
    for (const [i, id] of ids.entries()) expect(table.places('data', id)[0]?.pack).toBe(i);
  });
});
