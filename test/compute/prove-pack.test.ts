import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesBefore } from '../../engine/compute/prove-pack.ts';
import type { PackBlob } from '../../engine/format/pack-header.ts';

const blobAt = (offset: number, length: number): PackBlob => ({
  type: 'data',
  id: 'ab'.repeat(32),
  offset,
  length,
  plainLength: 0,
});

describe('the pieces in which a pack is read', () => {
  const stretch = fc.record({ length: fc.integer({ min: 32, max: 500 }), isKnown: fc.boolean() });

  it('follow one another up to the end, hold every blob whole, and are small unless a blob is not', () => {
    fc.assert(
      fc.property(
        fc.array(stretch),
        fc.nat(3000),
        fc.integer({ min: 1, max: 600 }),
        (parts, before, most) => {
          let offset = 0;
          const blobs: PackBlob[] = [];
          for (const { length, isKnown } of parts) {
            if (isKnown) blobs.push(blobAt(offset, length));
            offset += length;
          }
          const endAt = Math.min(before, offset);
          const pieces = piecesBefore(blobs, endAt, most);
          let reached = 0;
          for (const piece of pieces) {
            expect(piece.offset).toBe(reached);
            reached += piece.length;
            expect(piece.length <= most || piece.blobs.length === 1).toBe(true);
            for (const blob of piece.blobs) {
              expect(blob.offset).toBeGreaterThanOrEqual(piece.offset);
              expect(blob.offset + blob.length).toBeLessThanOrEqual(reached);
            }
          }
          expect(reached).toBeGreaterThanOrEqual(endAt);
          expect(pieces.flatMap((piece) => piece.blobs)).toEqual(blobs.filter((blob) => blob.offset < endAt));
        },
      ),
    );
  });
});
