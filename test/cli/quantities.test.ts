import { describe, expect, test } from 'vitest';
import {
  parseCount,
  parseDuration,
  parseMoment,
  parseSize,
  parseTruth,
} from '../../engine/cli/quantities.ts';

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['512', 512],
    ['512b', 512],
    ['10k', 10_240],
    ['10K', 10_240],
    ['4 MiB', 4 * 1024 ** 2],
    ['1.5G', 1.5 * 1024 ** 3],
    ['2t', 2 * 1024 ** 4],
  ])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes));
  test.each(['', '-1', 'k', '1x', '1kk', '1e3', '99999999t'])('not %s', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});

describe('durations', () => {
  test.each([
    ['0', 0],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));
  test.each(['', '5', '-5m', 'm', '5 m', '5y'])('not %s', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

test('counts and truths', () => {
  expect(['0', '12', '-1', '1.5', ''].map(parseCount)).toEqual([0, 12, undefined, undefined, undefined]);
  expect(['1', 'True', '0', 'f', 'yes'].map(parseTruth)).toEqual([true, true, false, false, undefined]);
});

describe('moments', () => {
  const localMs = (...parts: [number, number, number, number?, number?, number?]): bigint =>
    BigInt(new Date(parts[0], parts[1], parts[2], ...(parts.slice(3) as number[])).getTime()) * 1_000_000n;

  test.each([
    ['2012-11-01 22:08:41', localMs(2012, 10, 1, 22, 8, 41)],
    ['2012-11-01 22:08', localMs(2012, 10, 1, 22, 8)],
    ['2012-11-01', localMs(2012, 10, 1)],
    ['01.11.2012', localMs(2012, 10, 1)],
    ['01.11.2012 22:08:41', localMs(2012, 10, 1, 22, 8, 41)],
    ['2012-11-01 22:08:41 +0100', BigInt(Date.UTC(2012, 10, 1, 21, 8, 41)) * 1_000_000n],
    ['2012-11-01 22:08:41 -0330', BigInt(Date.UTC(2012, 10, 2, 1, 38, 41)) * 1_000_000n],
    ['2012-11-01T22:08:41.5Z', BigInt(Date.UTC(2012, 10, 1, 22, 8, 41, 500)) * 1_000_000n],
    ['now', 7n],
  ])('%s', (text, ns) => expect(parseMoment(text, 7n)).toBe(ns));
  test.each([
    '',
    'yesterday',
    '2012-13-01',
    '2012-02-30',
    '2012-11-01 24:00',
    '2012-11-01 22:60',
    '1.11.2012',
  ])('not %s', (text) => expect(parseMoment(text, 7n)).toBeUndefined());
});
