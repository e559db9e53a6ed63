import { describe, expect, it } from 'vitest';
import { seededChance } from '../../support/fixed-world.ts';
import { type Drawn, drawsPerAsked, nextMoment } from './next-moment.ts';
import { readOptions } from './options.ts';

const met: Drawn = { met: true };
const missed = (ranMs: number): Drawn => ({ met: false, ranMs });

/** Kills runs that take `lengthMs(n)`, as `run.ts` does. */
function campaign(asked: number, wholeMs: number, lengthMs: (n: number) => number, seed = 'campaign') {
  const chance = seededChance(seed);
  const drawn: Drawn[] = [];
  const struck: number[] = [];
  for (;;) {
    const share = new DataView(chance.bytes(4).buffer).getUint32(0) / 2 ** 32;
    const next = nextMoment(asked, wholeMs, drawn, share);
    if (next.do === 'end') return { ...next, drawn, struck };
    const ranMs = lengthMs(drawn.length);
    if (next.afterMs < ranMs) struck.push(next.afterMs / ranMs);
    drawn.push(next.afterMs < ranMs ? met : missed(ranMs));
  }
}

describe('the next random moment', () => {
  it('lies within the length of a run that nobody killed', () => {
    expect(nextMoment(10, 2_000, [], 0)).toEqual({ do: 'kill', afterMs: 0 });
    expect(nextMoment(10, 2_000, [], 0.25)).toEqual({ do: 'kill', afterMs: 500 });
  });

  it('is drawn until as many as asked have met a run, and those that missed do not count', () => {
    expect(nextMoment(2, 2_000, [met, missed(1_000)], 0.5)).toMatchObject({ do: 'kill' });
    expect(nextMoment(2, 2_000, [met, missed(1_000), met], 0.5)).toEqual({ do: 'end', isEnough: true });
    expect(nextMoment(0, 2_000, [], 0.5)).toEqual({ do: 'end', isEnough: true });
  });

  it('follows the median length of the runs that ended last', () => {
    const ended = [9_000, 1_000, 1_100, 800, 1_200, 900].map(missed);
    expect(nextMoment(10, 2_000, ended, 0.5)).toEqual({ do: 'kill', afterMs: 500 });
  });

  it('reaches further with each kill in a row that met a run, until one misses', () => {
    expect(nextMoment(10, 1_000, [met, met], 0.5)).toEqual({ do: 'kill', afterMs: 500 * 1.02 ** 2 });
    expect(nextMoment(10, 1_000, [met, met, missed(1_000)], 0.5)).toEqual({ do: 'kill', afterMs: 500 });
  });

  it('is given up where nothing is met', () => {
    const { isEnough, drawn } = campaign(20, 1_000, () => 0);
    expect(isEnough).toBe(false);
    expect(drawn).toHaveLength(20 * drawsPerAsked);
  });

  it.each([
    ['as long as the first', () => 1_000],
    ['a third of it', () => 333],
    ['three times as long', () => 3_000],
    ['longer from the middle on', (n: number) => (n < 100 ? 1_000 : 1_700)],
  ])('strikes all parts of runs that are %s', (_, lengthMs) => {
    const { isEnough, drawn, struck } = campaign(200, 1_000, lengthMs);
    expect(isEnough).toBe(true);
    expect(drawn.length).toBeLessThan(250);
    for (let part = 0; part < 10; part++)
      expect(struck.filter((share) => Math.floor(share * 10) === part).length).toBeGreaterThan(3);
  });
});

it('refuses options that would kill nothing and say that all is well', () => {
  expect(readOptions([])).toEqual({ moments: 200, everyStep: 1, seed: '1', help: false });
  expect(readOptions(['--moments', '5', '--every-step', '7', '--seed', 'x'])).toMatchObject({
    moments: 5,
    everyStep: 7,
    seed: 'x',
  });
  expect(() => readOptions(['--moments', 'many'])).toThrow('--moments is a whole number from 0, not many');
  expect(() => readOptions(['--every-step', '0'])).toThrow('--every-step is a whole number from 1, not 0');
  expect(() => readOptions(['50', '7'])).toThrow();
});
