import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from '../../engine/format/go-time.ts';
import { decodeLock, encodeLock, type Lock, refreshedLock } from '../../engine/format/lock-file.ts';

const text =
  '{"time":"2026-05-01T10:00:00.123456789+02:00","exclusive":false,"hostname":"boat","username":"anna","pid":4711,"uid":1000,"gid":100}';
const id32 = fc.nat({ max: 2 ** 32 - 1 });
const lock: fc.Arbitrary<Lock> = fc.record({
  time: fc.constantFrom('2026-05-01T10:00:00Z', '1969-12-31T23:59:59.999999999-11:30'),
  exclusive: fc.boolean(),
  hostname: fc.string({ unit: 'grapheme' }),
  username: fc.string({ unit: 'grapheme' }),
  pid: fc.nat(),
  uid: id32,
  gid: id32,
});

describe('a lock', () => {
  it('is read and written as restic does', () => {
    const decoded = decodeLock(text);
    expect(decoded).toMatchObject({ exclusive: false, hostname: 'boat', pid: 4711, uid: 1000, gid: 100 });
    expect(encodeLock(decoded)).toBe(text);
  });

  it('leaves out ids of zero only', () => {
    const root = { ...decodeLock(text), uid: 0, gid: 0, exclusive: true };
    expect(encodeLock(root)).toBe(
      '{"time":"2026-05-01T10:00:00.123456789+02:00","exclusive":true,"hostname":"boat","username":"anna","pid":4711}',
    );
    expect(decodeLock(encodeLock(root))).toEqual(root);
  });

  it('comes back', () => {
    fc.assert(fc.property(lock, (any) => void expect(decodeLock(encodeLock(any))).toEqual(any)));
  });

  it('that is refreshed differs in its time only', () => {
    const now = 1_777_777_777_123_456_789n;
    const { time, ...rest } = refreshedLock(decodeLock(text), now);
    expect(parseTime(time)).toBe(now);
    expect({ ...rest, time: decodeLock(text).time }).toEqual(decodeLock(text));
  });

  it('needs a time; may lack the rest', () => {
    const least = decodeLock('{"time":"2026-05-01T10:00:00Z"}');
    expect(least).toMatchObject({ exclusive: false, hostname: '', username: '', pid: 0, uid: 0, gid: 0 });
    expect(() => decodeLock('{}')).toThrow('time');
  });

  it('of wrong types is refused, field by field', () => {
    const wrong: Record<string, string[]> = {
      time: ['5', 'null', '"yesterday"', '"2026-02-30T10:00:00Z"', '{}'],
      exclusive: ['"true"', '1', '[]'],
      hostname: ['5', '{}', '["boat"]', 'false'],
      username: ['5', '{}'],
      pid: ['-1', '1.5', '"4711"', '1e300', '12345678901234567890', '{}'],
      uid: ['-1', '4294967296', '"0"', '0.1'],
      gid: ['-1', '4294967296', '"0"', '[0]'],
    };
    for (const [field, values] of Object.entries(wrong)) {
      for (const value of values) {
        const bad = text.replace(new RegExp(`("${field}":)("[^"]*"|[^,}]*)`), `$1${value}`);
        expect(bad).not.toBe(text);
        expect(() => decodeLock(bad), `${field}: ${value}`).toThrow();
      }
    }
    for (const other of ['', '[]', 'null', '['.repeat(100_000)]) expect(() => decodeLock(other)).toThrow();
  });
});
