import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { JsonBytes } from '../../engine/format/json-bytes.ts';

/** Whether these bytes are one JSON value. */
function isJson(bytes: Uint8Array): boolean {
  try {
    const json = new JsonBytes(bytes);
    json.skip();
    json.end();
    return true;
  } catch {
    return false;
  }
}

function isJsonToNode(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString());
    return true;
  } catch {
    return false;
  }
}

const pieces = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '"a"',
  '"\\"',
  '"\\u00',
  'e"',
  ' ',
  '\n',
  '\t',
  '\u00a0',
  '\ufeff',
].concat([
  '0',
  '-',
  '1',
  '.',
  '5',
  'e',
  'E',
  '+',
  '01',
  '-0',
  '1e9',
  'true',
  'false',
  'null',
  'nul',
  'NaN',
  '"ü"',
  '\u0000',
  '"\u0001"',
]);

describe('JSON in bytes', () => {
  it('is taken where JSON.parse takes it, and refused where it refuses', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (some) => {
        const bytes = Buffer.from(some.join(''));
        expect(isJson(bytes), some.join('')).toBe(isJsonToNode(bytes));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is refused with one byte changed, taken away or doubled just when JSON.parse refuses it', () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.nat(255),
      kind: fc.constantFrom('set', 'cut', 'double'),
    });
    fc.assert(
      fc.property(fc.json(), change, (text, { at, byte, kind }) => {
        const bytes = Buffer.from(text);
        expect(isJson(bytes)).toBe(true);
        const place = at % bytes.length;
        if (kind === 'set') bytes[place] = byte;
        const rest = bytes.subarray(kind === 'cut' ? place + 1 : place);
        const changed =
          kind === 'set'
            ? bytes
            : Buffer.concat([bytes.subarray(0, place), bytes.subarray(place, place + 1), rest]);
        expect(isJson(changed)).toBe(isJsonToNode(changed));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has numbers and texts as JSON.parse has them', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.maxSafeNat()),
        (any) => {
          const text = JSON.stringify(any);
          expect(new JsonBytes(Buffer.from(` ${text} `)).number()).toBe(JSON.parse(text));
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
        fc.string(),
        (one, other) => {
          const json = new JsonBytes(Buffer.from(JSON.stringify(one)));
          expect(json.oneOf([`${one}x`, one, other])).toBe(1);
        },
      ),
    );
  });

  it('is passed over at any depth that is allowed, and no deeper', () => {
    const deep = (depth: number): Buffer =>
      Buffer.from(`${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`);
    expect(isJson(deep(limits.jsonDepthMax))).toBe(true);
    expect(isJson(deep(limits.jsonDepthMax + 2))).toBe(false);
    expect(isJson(Buffer.from('['.repeat(1_000_000)))).toBe(false);
  });
});
