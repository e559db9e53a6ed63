import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../engine/base/byte-string.ts';
import { type FileRecord, FileRecordBatch, readFileRecords } from '../../engine/journal/file-records.ts';

const idArbitrary = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const recordArbitrary: fc.Arbitrary<FileRecord> = fc.record({
  path: fc.uint8Array({ maxLength: 300 }).map((bytes) => fromLatin1(Buffer.from(bytes).toString('latin1'))),
  fingerprint: fc.record({
    sizeBytes: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ctimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    device: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
  content: fc.array(idArbitrary, { maxLength: 5 }),
});

describe('records of finished files', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(recordArbitrary, { maxLength: 10 }), (records) => {
        const batch = new FileRecordBatch();
        for (const record of records) batch.add(record);
        const bytes = batch.take();
        expect([...readFileRecords(bytes)]).toEqual(records);
        expect(batch.bytes).toBe(0);
        expect(batch.take()).toHaveLength(0);
      }),
    );
  });

  it('that are cut off end the batch and never make up a file', () => {
    fc.assert(
      fc.property(fc.array(recordArbitrary, { minLength: 1, maxLength: 5 }), fc.nat(), (records, cut) => {
        const batch = new FileRecordBatch();
        for (const record of records) batch.add(record);
        const bytes = batch.take();
        const read = [...readFileRecords(bytes.subarray(0, cut % bytes.length))];
        expect(read.length).toBeLessThan(records.length);
        expect(read).toEqual(records.slice(0, read.length));
      }),
    );
  });
});
