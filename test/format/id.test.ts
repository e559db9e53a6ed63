import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idBytes, idOf, isId, shortId } from '../../engine/format/id.ts';

describe('ids', () => {
  it('are the SHA-256 in lower-case hex', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect(idOf(Buffer.alloc(0))).toBe(empty);
    expect(idOf(Buffer.from('{"nodes":[]}\n'))).toBe(
      'ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8',
    );
    expect(shortId(empty)).toBe('e3b0c442');
    expect(empty.length).toBe(2 * idBytes);
  });

  it('notice a changed byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const changed = Uint8Array.from(bytes);
          changed[at % bytes.length]! ^= flip;
          expect(idOf(changed)).not.toBe(idOf(bytes));
        },
      ),
    );
  });

  it('are told from all else', () => {
    expect(isId('0'.repeat(64))).toBe(true);
    const others = [
      '0'.repeat(63),
      '0'.repeat(65),
      'A'.repeat(64),
      `${'0'.repeat(64)}\n`,
      7,
      null,
      undefined,
    ];
    for (const other of [...others, ['0'.repeat(64)]]) expect(isId(other)).toBe(false);
  });
});
