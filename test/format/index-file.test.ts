import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { compress } from '../../engine/format/compression.ts';
import { decodeIndex, encodeIndex, type IndexedPack, indexBytesMax } from '../../engine/format/index-file.ts';
import type { PackBlob } from '../../engine/format/pack-header.ts';
import { decodeIndexAsObjects } from '../support/decode-index-as-objects.ts';
import { seededChance } from '../support/fixed-world.ts';

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const blob: fc.Arbitrary<PackBlob> = fc.record({
  id,
  type: fc.constantFrom('data', 'tree'),
  offset: fc.nat({ max: 2 ** 31 }),
  length: fc.integer({ min: 32, max: 2 ** 31 - 1 }),
  plainLength: fc.nat({ max: 2 ** 32 - 1 }),
});
const packs: fc.Arbitrary<IndexedPack[]> = fc.array(fc.record({ id, blobs: fc.array(blob) }));

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const text = `{"packs":[{"id":"${a}","blobs":[{"id":"${b}","type":"data","offset":0,"length":38,"uncompressed_length":6},{"id":"${a}","type":"tree","offset":38,"length":150}]}]}\n`;

function outcome(read: () => IndexedPack[]): IndexedPack[] | 'refused' {
  try {
    return read();
  } catch {
    return 'refused';
  }
}

describe('an index', () => {
  it('is read and written as restic does', () => {
    const decoded = decodeIndex(text);
    expect(decoded).toEqual([
      {
        id: a,
        blobs: [
          { id: b, type: 'data', offset: 0, length: 38, plainLength: 6 },
          { id: a, type: 'tree', offset: 38, length: 150, plainLength: 0 },
        ],
      },
    ]);
    expect(encodeIndex(decoded)).toBe(text);
    expect(encodeIndex([])).toBe('{"packs":[]}\n');
  });

  it('comes back', () => {
    fc.assert(fc.property(packs, (any) => void expect(decodeIndex(encodeIndex(any))).toEqual(any)));
  });

  it('may have lists that Go writes as null, and names that we do not know', () => {
    expect(decodeIndex('{"packs":null}')).toEqual([]);
    expect(decodeIndex(`{"supersedes":["${a}"],"packs":[{"id":"${a}","blobs":null}]}`)).toEqual([
      { id: a, blobs: [] },
    ]);
  });

  it('of wrong types is refused, field by field', () => {
    const wrong: [string, string[]][] = [
      ['"type":"data"', ['"type":"Data"', '"type":5', '"type":null', '"x":1']],
      ['"offset":0', ['"offset":-1', '"offset":"0"', '"offset":4294967296', '"offset":1.5', '"x":0']],
      [
        '"length":38',
        ['"length":31', '"length":-38', '"length":4294967296', '"length":"38"', '"length":1e99'],
      ],
      ['"uncompressed_length":6', ['"uncompressed_length":-6', '"uncompressed_length":99999999999']],
      [
        '"uncompressed_length":6',
        ['"uncompressed_length":"6"', '"uncompressed_length":12345678901234567890'],
      ],
      [`"id":"${b}"`, [`"id":"${b.slice(1)}"`, '"id":5', `"id":"${b.toUpperCase()}"`, '"x":1']],
      [`"id":"${a}"`, ['"id":""', '"id":null', `"id":["${a}"]`]],
      [
        '"blobs":[',
        ['"blobs":5,"x":[', '"blobs":{},"x":[', '"blobs":[null,', '"blobs":[[],', '"blobs":["",'],
      ],
      ['"packs":[', ['"packs":{},"x":[', '"packs":"","x":[', '"packs":[5,']],
    ];
    for (const [good, bads] of wrong) {
      for (const bad of bads) {
        expect(text).toContain(good);
        expect(() => decodeIndex(text.replace(good, bad)), bad).toThrow();
      }
    }
    for (const other of [
      '',
      'null',
      '[]',
      text.slice(0, -3),
      '{"packs":'.repeat(100_000),
      '['.repeat(100_000),
    ]) {
      expect(() => decodeIndex(other)).toThrow();
    }
  });

  it('is read as a tree of objects would be, whatever its spelling, and refused where that is', () => {
    const spelling = fc.record({
      id: fc.constantFrom(
        `"${a}"`,
        `"${b}"`,
        `"\\u0061${a.slice(1)}"`,
        `"${a}a"`,
        `"A${a.slice(1)}"`,
        'null',
        '5',
        `"${'g'.repeat(64)}"`,
      ),
      type: fc.constantFrom('"data"', '"tree"', '"d\\u0061ta"', '"dat"', 'null', '1'),
      offset: fc.constantFrom(
        '0',
        '7',
        '-0',
        '1e3',
        '10.0',
        '4294967295',
        '4294967296',
        '1.5',
        '-1',
        '"0"',
        'null',
        '01',
        '9'.repeat(400),
      ),
      length: fc.constantFrom('32', '150', '31', '4.2e1', '4294967295', '[]', 'true'),
      uncompressed_length: fc.constantFrom('0', '6', 'null', '-6', '{}', '4294967295', '4294967296'),
      other: fc.constantFrom('[{"id":[1,{}]}]', '"x"', 'null', '{"a":{}}', '[', '1e'),
    });
    const good = { id: `"${b}"`, type: '"data"', offset: '0', length: '38', uncompressed_length: '6' };
    const blobText = fc
      .tuple(
        fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: spelling }),
        fc.shuffledSubarray([...Object.keys(good), 'other'], { minLength: 4 }),
        fc.constantFrom('', ' ', '\n\t'),
      )
      .map(
        ([odd, names, space]) =>
          `{${names.map((name) => `${space}"${name}"${space}:${space}${Object.entries({ other: '1', ...good, ...odd }).find(([one]) => one === name)?.[1]}${space}`).join(',')}}`,
      );
    const packText = fc
      .tuple(
        fc.oneof(
          fc.constant('[]'),
          fc.constant('null'),
          fc.array(blobText, { minLength: 1, maxLength: 4 }).map((all) => `[${all.join(',')}]`),
        ),
        fc.boolean(),
      )
      .map(([blobs, idFirst]) =>
        idFirst ? `{"id":"${a}","blobs":${blobs}}` : `{"time":"x","blobs":${blobs},"id":"${a}"}`,
      );
    const indexText = fc
      .tuple(
        fc.array(packText, { maxLength: 3 }),
        fc.constantFrom('', '"supersedes":["x"],', '"packs_to_delete":null,'),
        fc.constantFrom('', ',"x":[]', ','),
      )
      .map(([all, before, after]) => `{${before}"packs":[${all.join(', ')}]${after}}\n`);
    let isTaken = 0;
    fc.assert(
      fc.property(indexText, (any) => {
        const expected = outcome(() => decodeIndexAsObjects(any));
        if (expected !== 'refused') isTaken++;
        expect(
          outcome(() => decodeIndex(any)),
          any,
        ).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
    expect(isTaken).toBeGreaterThan(300);
  });

  it('of many blobs is read as a tree of objects would be, wherever one is spelled or broken otherwise', () => {
    const chance = seededChance('many blobs');
    const many: IndexedPack[] = Array.from({ length: 40 }, (_, pack) => ({
      id: Buffer.from(chance.bytes(32)).toString('hex'),
      blobs: Array.from({ length: (pack % 4) * 60 + 1 }, (_, i) => ({
        id: Buffer.from(chance.bytes(32)).toString('hex'),
        type: i % 5 === 0 ? 'tree' : 'data',
        offset: i * 7_919,
        length: 32 + i * 1_000,
        plainLength: i % 3 === 0 ? 0 : i * 12_345,
      })),
    }));
    const json = encodeIndex(many);
    expect(json.length).toBeGreaterThan(7 * 64 * 1024);
    expect(decodeIndex(json)).toEqual(many);
    const changes: readonly ((at: number) => string)[] = [
      (at) => `${json.slice(0, at)} ${json.slice(at)}`,
      (at) => json.slice(0, at) + json.slice(at + 1),
      (at) => json.slice(0, at) + json[at] + json.slice(at),
      (at) => json.slice(0, at) + String.fromCharCode(json.charCodeAt(at) ^ 1) + json.slice(at + 1),
      (at) => `${json.slice(0, at)}0${json.slice(at + 1)}`,
    ];
    let isTaken = 0;
    fc.assert(
      fc.property(fc.nat(json.length - 1), fc.constantFrom(...changes), (at, change) => {
        const changed = change(at);
        const expected = outcome(() => decodeIndexAsObjects(changed));
        if (expected !== 'refused') isTaken++;
        expect(
          outcome(() => decodeIndex(changed)),
          changed.slice(Math.max(0, at - 200), at + 200),
        ).toEqual(expected);
      }),
      { numRuns: 150 },
    );
    expect(isTaken).toBeGreaterThan(20);
  });

  it('that says something twice is refused: programs disagree on which of the two counts', () => {
    for (const [once, twice] of [
      ['{"packs"', '{"packs":[],"packs"'],
      ['"offset":0', '"offset":0,"offset":1'],
      [`{"id":"${b}"`, `{"id":"${a}","id":"${b}"`],
      ['"blobs":[', '"blobs":null,"blobs":['],
    ] as const) {
      expect(text).toContain(once);
      expect(() => decodeIndex(text.replace(once, twice))).toThrow(/two|twice/);
    }
  });

  it('cannot name a place beyond 4 GiB', () => {
    const end = { offset: 2 ** 32 - 1 - 32, length: 32 };
    const at = (offset: number, length: number): string =>
      text.replace('"offset":0,"length":38', `"offset":${offset},"length":${length}`);
    expect(decodeIndex(at(end.offset, end.length))[0]?.blobs[0]).toMatchObject(end);
    expect(() => decodeIndex(at(end.offset + 1, end.length))).toThrow('length');
  });

  it('that is real stays far below what its stored size allows', () => {
    fc.assert(
      fc.property(packs, (any) => {
        const json = encodeIndex(any);
        expect(json.length).toBeLessThanOrEqual(indexBytesMax(compress(Buffer.from(json)).length));
      }),
    );
    expect(indexBytesMax(Number.MAX_SAFE_INTEGER)).toBe(limits.indexBytesMax);
    expect(indexBytesMax(33_000)).toBeLessThan(4 * 1024 * 1024);
  });
});
