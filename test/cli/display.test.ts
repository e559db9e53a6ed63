import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  showBytes,
  showCount,
  showCounted,
  showDuration,
  showTable,
  showTimeLeft,
} from '../../engine/cli/display.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1024 * 1024 - 1, '1.0 MiB'],
  [1.5 * 1024 ** 3, '1.5 GiB'],
  [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
])('%d bytes are %s', (bytes, shown) => expect(showBytes(bytes)).toBe(shown));

test('no size is ever shown with four digits before the point, but bytes', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      expect(showBytes(bytes)).toMatch(/^(\d{1,4} B|\d{1,3}\.\d [KMGTPE]iB|10[0-2]\d\.\d [KMGTPE]iB)$/);
      expect(showBytes(bytes)).not.toMatch(/^1024\.0/);
    }),
  );
});

test('counts', () => {
  expect([0, 999, 1000, 1234567].map(showCount)).toEqual(['0', '999', '1 000', '1 234 567']);
  expect(showCounted(1, 'file')).toBe('1 file');
  expect(showCounted(2, 'entry', 'entries')).toBe('2 entries');
});

test.each([
  [0, '0.0 s'],
  [440, '0.4 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_600, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [4 * 86_400_000, '4 d'],
])('%d ms are %s', (ms, shown) => expect(showDuration(ms)).toBe(shown));

describe('time left', () => {
  test.each([
    [0, 900, 'less than 1 s left'],
    [20_000, 39_500, '20-40 s left'],
    [180_000, 290_000, '3-5 min left'],
    [600_000, 600_000, 'about 10 min left'],
    [7_300_000, Number.POSITIVE_INFINITY, 'more than 2 h left'],
    [0, Number.POSITIVE_INFINITY, 'more than 1 s left'],
  ])('%d to %d', (leastMs, mostMs, shown) => expect(showTimeLeft({ leastMs, mostMs })).toBe(shown));
});

test('a table is as wide as its widest cells, and a row as high as its highest', () => {
  const columns = [{ title: 'ID' }, { title: 'Paths' }, { title: 'Size', align: 'end' as const }];
  const rows = [
    [['1'], ['/a', '/漢'], ['9 B']],
    [['22'], [], ['1.0 KiB']],
  ];
  expect(showTable(columns, rows)).toEqual([
    'ID  Paths     Size',
    '------------------',
    '1   /a         9 B',
    '    /漢',
    '22         1.0 KiB',
  ]);
});
