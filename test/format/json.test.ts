import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asArray,
  asBase64,
  asBoolean,
  asCount,
  asObject,
  asOptionalText,
  asText,
  asUint64,
  parseExact,
  parseObject,
} from '../../engine/format/json.ts';

const deep = 100_000;

describe('parsing', () => {
  it('agrees with JSON.parse on all that has no large integer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(text));
        expect(JSON.stringify(parseExact(text))).toBe(text);
      }),
    );
  });

  it('keeps integers of 64 bits exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 64n), max: (1n << 64n) - 1n }), (value) => {
        const parsed = parseObject(`{"a":[ ${value},{"b":${value}}],"c":${value}}`);
        const expected = Number.isSafeInteger(Number(value)) ? Number(value) : value;
        expect(parsed).toEqual({ a: [expected, { b: expected }], c: expected });
      }),
    );
  });

  it('leaves digits in texts alone', () => {
    expect(parseObject('{"a":":12345678901234567890"}')).toEqual({ a: ':12345678901234567890' });
  });

  it('refuses what is not JSON, and what is not an object', () => {
    for (const text of ['', '{', '{}x', "{'a':1}", '{"a":01}', '{"a":1,}', '\u0000', '\ufeff{}', 'NaN']) {
      expect(() => parseObject(text), text).toThrow();
    }
    for (const text of ['[]', 'null', '1', '"{}"', 'true']) expect(() => parseObject(text), text).toThrow();
  });

  it('survives deep nesting, with large integers or without', () => {
    for (const inner of ['', '12345678901234567890']) {
      for (const text of [
        '['.repeat(deep) + inner,
        `{"a":${'['.repeat(deep)}${inner}${']'.repeat(deep)}}`,
        '{"a":'.repeat(deep) + (inner || '1') + '}'.repeat(deep),
      ]) {
        try {
          expect(typeof parseObject(text)).toBe('object');
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }
  });

  it('takes `__proto__` for a name like any other', () => {
    const parsed = parseObject('{"__proto__":{"version":2},"n":12345678901234567890}');
    expect(parsed.version).toBeUndefined();
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });
});

describe('shapes', () => {
  const values: unknown[] = [undefined, null, true, 0, -1, 1.5, 1e300, 'a text', [], {}, 1n << 70n, -1n];
  const accepted = (read: (value: unknown, what: string) => unknown): unknown[] =>
    values.filter((value) => {
      try {
        read(value, 'it');
        return true;
      } catch (error) {
        expect((error as Error).message).toMatch(/^it is n/);
        return false;
      }
    });

  it('each reader takes its own and refuses the rest', () => {
    expect(accepted(asObject)).toEqual([{}]);
    expect(accepted(asArray)).toEqual([undefined, null, []]);
    expect(accepted(asText)).toEqual(['a text']);
    expect(accepted(asOptionalText)).toEqual([undefined, null, 'a text']);
    expect(accepted(asCount)).toEqual([0]);
    expect(accepted(asUint64)).toEqual([0]);
    expect(accepted(asBoolean)).toEqual([true]);
    expect(accepted(asBase64)).toEqual([]);
  });

  it('numbers end at their limits', () => {
    expect(asCount(7, 'it', 7)).toBe(7);
    expect(() => asCount(8, 'it', 7)).toThrow();
    expect(() => asCount(2 ** 53, 'it')).toThrow();
    expect(() => asCount(Number.NaN, 'it')).toThrow();
    expect(asUint64((1n << 64n) - 1n, 'it')).toBe(2n ** 64n - 1n);
    expect(() => asUint64(1n << 64n, 'it')).toThrow();
    // Beyond 2^53 a number has lost digits: only a bigint is exact.
    expect(() => asUint64(2 ** 60, 'it')).toThrow();
  });

  it('base64 is standard, padded and of the length that is asked', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(asBase64(text, 'it', bytes.length)).toEqual(Buffer.from(bytes));
        expect(() => asBase64(text, 'it', bytes.length + 1)).toThrow('bytes long');
      }),
    );
    for (const text of ['A', 'AA', 'AAA', 'AA==A', 'AA=', 'A===', '_-8=', 'AAA\n', ' AAAA', 'AA==AAAA']) {
      expect(() => asBase64(text, 'it'), text).toThrow('not base64');
    }
  });
});
