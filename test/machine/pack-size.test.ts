import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { evenPackBytes, nextPackBytes } from '../../engine/machine/pack-size.ts';

const MiB = 1024 * 1024;
const line = { smallPacks: 0, connections: 12, packBytesTarget: 16 * MiB };

describe('the size of the last packs', () => {
  it('gives each connection one of them, where they all have room for it', () => {
    expect(evenPackBytes({ ...line, bytesLeft: 120 * MiB })).toBe(10 * MiB);
    expect(evenPackBytes({ ...line, bytesLeft: 192 * MiB })).toBe(16 * MiB);
  });

  it('gives each connection as many of them as all others', () => {
    expect(evenPackBytes({ ...line, bytesLeft: 240 * MiB })).toBe(10 * MiB);
    expect(evenPackBytes({ ...line, bytesLeft: 5 * 192 * MiB })).toBe(16 * MiB);
  });

  it('leaves out what small packs carry before', () => {
    expect(evenPackBytes({ ...line, smallPacks: 12, bytesLeft: 168 * MiB })).toBe(10 * MiB);
  });

  it('is never more than was asked for, and never less than restic lets anybody ask for', () => {
    const sizes = fc.integer({ min: limits.packBytesTargetMin, max: limits.packBytesTargetMax });
    fc.assert(
      fc.property(
        fc.nat({ max: 1e12 }),
        fc.nat({ max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        sizes,
        (bytesLeft, smallPacks, connections, packBytesTarget) => {
          const bytes = evenPackBytes({ bytesLeft, smallPacks, connections, packBytesTarget });
          expect(bytes).toBeGreaterThanOrEqual(limits.packBytesTargetMin);
          expect(bytes).toBeLessThanOrEqual(packBytesTarget);
        },
      ),
    );
    // Where a test asks for less, it gets that.
    expect(evenPackBytes({ ...line, packBytesTarget: 10_000, bytesLeft: 1e9 })).toBe(10_000);
  });

  it('is small in the last round where a connection waits, and even where none does', () => {
    const next = { ...line, evenBytes: 10 * MiB, bytesLeft: 100 * MiB };
    expect(nextPackBytes({ ...next, packsWaiting: 12 })).toBe(10 * MiB);
    expect(nextPackBytes({ ...next, packsWaiting: 11 })).toBe(limits.packBytesTargetMin);
    expect(nextPackBytes({ ...next, packsWaiting: 0, bytesLeft: 1e12 })).toBe(10 * MiB);
  });
});
