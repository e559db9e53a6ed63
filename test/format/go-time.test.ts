import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { formatTime, isSameInstant, parseTime, zeroTime } from '../../engine/format/go-time.ts';

interface Vectors {
  zones: { zone: string; times: [unixNs: string, text: string][] }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/go-time.json', import.meta.url), 'utf8'),
);
const zoneBefore = process.env.TZ;
const instant = (iso: string): bigint => BigInt(Date.parse(iso)) * 1_000_000n;

/** Sets the zone of this process; Node notices. */
function moveTo(zone: string): void {
  process.env.TZ = zone;
}

afterAll(() => {
  if (zoneBefore === undefined) delete process.env.TZ;
  else process.env.TZ = zoneBefore;
});

const firstNs = instant('0000-01-02T00:00:00Z');
const lastNs = instant('9999-12-31T00:00:00Z');

describe('writing', () => {
  it.each(vectors.zones)('as restic in $zone', ({ zone, times }) => {
    moveTo(zone);
    for (const [unixNs, text] of times) expect(formatTime(BigInt(unixNs)), unixNs).toBe(text);
  });

  it('seconds of an old zone are in the time, not in the offset', () => {
    moveTo('Africa/Monrovia');
    expect(formatTime(instant('1960-01-01T00:00:00Z'))).toBe('1959-12-31T23:15:30-00:44');
  });

  it('Z where local time is UTC, an offset where it is not, at that instant', () => {
    moveTo('Europe/London');
    expect(formatTime(instant('2024-01-15T12:00:00Z'))).toBe('2024-01-15T12:00:00Z');
    expect(formatTime(instant('2024-07-15T12:00:00Z'))).toBe('2024-07-15T13:00:00+01:00');
  });
});

describe('reading', () => {
  it('gives back every instant that was written, in every zone', () => {
    for (const zone of ['UTC', 'Asia/Kathmandu', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia']) {
      moveTo(zone);
      // Before 1972 a zone may be off by seconds, which the text cannot say.
      const since = fc.bigInt({ min: instant('1972-02-01T00:00:00Z'), max: lastNs });
      fc.assert(
        fc.property(since, (unixNs) => {
          expect(parseTime(formatTime(unixNs))).toBe(unixNs);
        }),
        { numRuns: 200 },
      );
    }
    moveTo('UTC');
    fc.assert(
      fc.property(fc.bigInt({ min: firstNs, max: lastNs }), (unixNs) => {
        expect(parseTime(formatTime(unixNs))).toBe(unixNs);
      }),
    );
  });

  it('takes the instant, whatever the zone', () => {
    expect(parseTime('1970-01-01T00:00:00Z')).toBe(0n);
    expect(parseTime('1970-01-01T05:45:00+05:45')).toBe(0n);
    expect(parseTime('1969-12-31T20:30:00.000000001-03:30')).toBe(1n);
    expect(parseTime('1969-12-31T23:59:59.999999999Z')).toBe(-1n);
    expect(parseTime('2024-02-29T23:59:59.5Z')).toBe(instant('2024-02-29T23:59:59.500Z'));
    expect(parseTime(zeroTime)).toBe(-62_135_596_800_000_000_000n);
    expect(parseTime('0000-02-29T00:00:00Z')).toBe(-62_162_121_600_000_000_000n);
    expect(parseTime('9999-12-31T23:59:59Z')).toBe(253_402_300_799_000_000_000n);
  });

  it('compares instants, not texts', () => {
    expect(isSameInstant('2024-01-01T00:00:00Z', '2024-01-01T05:45:00.000+05:45')).toBe(true);
    expect(isSameInstant('2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000000001Z')).toBe(false);
    expect(isSameInstant('2024-01-01T00:00:00Z', '2024-01-01T00:00:00+00:01')).toBe(false);
  });

  it('refuses what is no time', () => {
    const wrong = [
      '',
      'now',
      '2024-01-01',
      '2024-01-01 00:00:00Z',
      '2024-01-01T00:00:00',
      '2024-01-01T00:00Z',
      '2024-01-01T00:00:00z',
      '2024-01-01T00:00:00.Z',
      '2024-01-01T00:00:00,5Z',
      '2024-01-01T00:00:00+0545',
      '2024-01-01T00:00:00Z\n',
      ' 2024-01-01T00:00:00Z',
      '12024-01-01T00:00:00Z',
      '-001-01-01T00:00:00Z',
      '2024-00-01T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-01-00T00:00:00Z',
      '2024-01-32T00:00:00Z',
      '2023-02-29T00:00:00Z',
      '2024-04-31T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:60:00Z',
      '2024-01-01T00:00:60Z',
      '2024-01-01T00:00:00+24:00',
      '2024-01-01T00:00:00+00:60',
      '２024-01-01T00:00:00Z',
      `2024-01-01T00:00:00.${'9'.repeat(10_000)}Z`,
    ];
    for (const text of wrong) expect(() => parseTime(text), text).toThrow('a time');
  });
});
