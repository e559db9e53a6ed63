import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from '../../engine/format/snapshot-file.ts';

const summary =
  '{"backup_start":"2026-01-01T00:00:00Z","backup_end":"2026-01-01T00:00:01.5Z","files_new":1,"files_changed":2,"files_unmodified":3,"dirs_new":4,"dirs_changed":5,"dirs_unmodified":6,"data_blobs":7,"tree_blobs":8,"data_added":9,"data_added_packed":10,"total_files_processed":11,"total_bytes_processed":12}';
const full = `{"time":"2026-01-01T05:45:00.123456789+05:45","parent":"${'a'.repeat(64)}","tree":"${'b'.repeat(64)}","paths":["/häuser/\\u003c\\u0026\\u003e","/"],"hostname":"boat","username":"anna","uid":1000,"gid":100,"excludes":["*.tmp"],"tags":["one","\\"two\\""],"original":"${'c'.repeat(64)}","program_version":"restic 0.19.1","summary":${summary}}`;
const least = `{"time":"2026-01-01T00:00:00Z","tree":"${'b'.repeat(64)}","paths":null}`;

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array).toString('hex'));
const text = fc.string({ unit: 'grapheme' });
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const time = fc.constantFrom('2026-01-01T00:00:00Z', '1969-12-31T23:59:59.999999999-11:30');
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const snapshot: fc.Arbitrary<Snapshot> = fc.record(
  {
    time,
    parent: id,
    tree: id,
    paths: fc.array(text.map(fromText)),
    hostname: text,
    username: text,
    uid: uint32,
    gid: uint32,
    excludes: fc.array(text),
    tags: fc.array(text),
    original: id,
    programVersion: fc.string({ unit: 'grapheme', minLength: 1 }),
    summary: fc.record({
      backupStart: time,
      backupEnd: time,
      filesNew: count,
      filesChanged: count,
      filesUnmodified: count,
      dirsNew: count,
      dirsChanged: count,
      dirsUnmodified: count,
      dataBlobs: count,
      treeBlobs: count,
      dataAdded: count,
      dataAddedPacked: count,
      totalFilesProcessed: count,
      totalBytesProcessed: count,
    }),
  },
  { requiredKeys: ['time', 'tree', 'paths', 'hostname', 'username', 'uid', 'gid', 'excludes', 'tags'] },
);

describe('a snapshot', () => {
  it('has its fields in the order of restic', () => {
    const decoded = decodeSnapshot(full);
    expect(decoded.paths).toEqual([fromText('/häuser/<&>'), '/']);
    expect(decoded).toMatchObject({
      uid: 1000,
      tags: ['one', '"two"'],
      summary: { totalBytesProcessed: 12 },
    });
    expect(encodeSnapshot(decoded)).toBe(full);
  });

  it('leaves out what is empty, but for the paths', () => {
    const decoded = decodeSnapshot(least);
    expect(decoded).toMatchObject({ paths: [], hostname: '', username: '', uid: 0, gid: 0, tags: [] });
    for (const field of ['parent', 'original', 'programVersion', 'summary'])
      expect(decoded).not.toHaveProperty(field);
    expect(encodeSnapshot(decoded)).toBe(least.replace('null', '[]'));
  });

  it('comes back', () => {
    fc.assert(
      fc.property(snapshot, (any) => {
        const encoded = encodeSnapshot(any);
        expect(decodeSnapshot(encoded)).toEqual(any);
      }),
    );
  });

  it('cannot hold a path that is no UTF-8: it says so with a replacement, as restic', () => {
    const odd = { ...decodeSnapshot(least), paths: [fromLatin1('/a\xff')] };
    expect(encodeSnapshot(odd)).toContain('"paths":["/a\\ufffd"]');
  });

  it('of wrong types is refused, field by field', () => {
    const numbers = ['-1', '1.5', '"1"', '1e300', '[]', '{}', '4294967296', '123456789012345678901234567890'];
    const words = ['5', '{}', '[]', 'false'];
    const lists = ['5', '{}', '"x"', '[5]', '[null]', '[["x"]]'];
    const ids = [...words, '"short"', '""', `"${'A'.repeat(64)}"`];
    const wrong: Record<string, string[]> = {
      time: [...words, 'null', '"now"', '"2026-02-30T00:00:00Z"'],
      parent: ids,
      tree: [...ids, 'null'],
      paths: lists,
      hostname: words,
      username: words,
      uid: numbers,
      gid: numbers,
      excludes: lists,
      tags: lists,
      original: ids,
      program_version: words,
      summary: [
        '5',
        '[]',
        '"x"',
        '0',
        '""',
        'false',
        '{}',
        summary.replace('"files_new":1', '"files_new":-1'),
      ],
    };
    for (const [field, values] of Object.entries(wrong)) {
      for (const value of values) {
        // Of two fields with one name the last counts.
        const bad = `${full.slice(0, -1)},"${field}":${value}}`;
        expect(() => decodeSnapshot(bad), `${field}: ${value}`).toThrow();
      }
    }
  });

  it('cut short or nested deep is refused', () => {
    for (let length = 0; length < full.length; length += 11) {
      expect(() => decodeSnapshot(full.slice(0, length)), String(length)).toThrow();
    }
    expect(() => decodeSnapshot('['.repeat(100_000))).toThrow();
    expect(() => decodeSnapshot('{"time":'.repeat(100_000))).toThrow();
  });
});
