import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compress } from '../../engine/format/compression.ts';
import { decodeUnpacked, encodeUnpacked } from '../../engine/format/unpacked.ts';

const json = '{"time":"2024-01-01T00:00:00Z","paths":["/häuser/☂"]}';
const marked = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.of(2), bytes]);

describe('files that are not packs', () => {
  it('are raw JSON in version 1', () => {
    expect(encodeUnpacked(json, 1)).toEqual(Buffer.from(json));
  });

  it('are a marker and a frame in version 2', () => {
    const encoded = encodeUnpacked(json, 2);
    expect(encoded.toString('hex', 0, 5)).toBe('0228b52ffd');
    expect(encoded).toEqual(marked(compress(Buffer.from(json))));
  });

  it('come back, in both versions', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom<1 | 2>(1, 2), (value, version) => {
        const text = `{"value":${value.toWellFormed()}}`;
        expect(decodeUnpacked(encodeUnpacked(text, version), 1_000_000)).toBe(text);
      }),
    );
  });

  it('may be a raw list, and raw JSON is read in version 2 as well', () => {
    expect(decodeUnpacked(Buffer.from('[]'), 2)).toBe('[]');
    expect(decodeUnpacked(Buffer.alloc(0), 10)).toBe('');
  });

  it('are refused in any other encoding', () => {
    for (const first of [0, 1, 3, 0x20, 0x22, 0x28, 0xff]) {
      expect(() => decodeUnpacked(Buffer.of(first, 0x7b, 0x7d), 100), String(first)).toThrow('encoding');
    }
    expect(() => decodeUnpacked(Buffer.of(2), 100)).toThrow();
    expect(() => decodeUnpacked(marked(Buffer.from(json)), 100)).toThrow();
    expect(() => decodeUnpacked(Buffer.concat([encodeUnpacked(json, 2), Buffer.of(10)]), 100)).toThrow();
  });

  it('are refused when larger than is allowed, in both versions', () => {
    const bytes = Buffer.byteLength(json);
    for (const version of [1, 2] as const) {
      const encoded = encodeUnpacked(json, version);
      expect(decodeUnpacked(encoded, bytes)).toBe(json);
      expect(() => decodeUnpacked(encoded, bytes - 1)).toThrow('allowed');
    }
  });
});
