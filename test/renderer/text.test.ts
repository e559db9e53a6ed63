import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stations, stationsOf, trackShare } from '../../renderer/parts/run-stations.ts';
import { en } from '../../renderer/text/en.ts';
import { failureKey, failureOf } from '../../renderer/text/failure-key.ts';
import { createFormat } from '../../renderer/text/format.ts';
import { plainText } from '../../renderer/text/plain-text.ts';
import { zh } from '../../renderer/text/zh.ts';

type Words = { readonly [name: string]: string | Words };

/** Every sentence by its path, with the values that it is given. */
function placesOf(words: Words, path = ''): Map<string, readonly string[]> {
  const places = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(words)) {
    if (typeof value === 'string') {
      places.set(path + name, [...value.matchAll(/\{\{(\w+)\}\}/g)].map(([, place]) => place!).sort());
    } else {
      for (const [below, found] of placesOf(value, `${path}${name}.`)) places.set(below, found);
    }
  }
  return places;
}

describe('the words', () => {
  it('are given the same values in both languages', () => {
    expect(placesOf(zh)).toEqual(placesOf(en));
  });

  it('have no exclamation mark and no empty sentence', () => {
    const sentences = JSON.stringify([en, zh]);
    expect(sentences).not.toMatch(/[!！]/);
    expect(sentences).not.toContain('""');
  });

  it('are Chinese where they are Chinese', () => {
    const latinOnly = [...placesOf(zh).keys()].filter((path) => {
      const value = path.split('.').reduce<string | Words>((at, name) => (at as Words)[name]!, zh as Words);
      return !/\p{Script=Han}/u.test((value as string).replace(/\{\{\w+\}\}/g, ''));
    });
    expect(latinOnly).toEqual(['run.ofTotal']);
  });
});

describe('numbers and times', () => {
  const format = createFormat('en');
  const now = Date.UTC(2026, 10, 20, 9);

  it('are binary sizes with one decimal', () => {
    expect([0, 1_023, 1_024, 1_536, 5 * 1_024 ** 3].map((value) => format.bytes(value))).toEqual([
      '0 B',
      '1,023 B',
      '1.0 KiB',
      '1.5 KiB',
      '5.0 GiB',
    ]);
  });

  it('are relative to now', () => {
    expect(format.relative(now, now)).toBe('now');
    expect(format.relative(now - 5 * 60_000, now)).toBe('5 minutes ago');
    expect(format.relative(now + 4 * 3_600_000, now)).toBe('in 4 hours');
    expect(createFormat('zh').relative(now - 5 * 60_000, now)).toBe('5分钟前');
  });

  it('give a time left as a range in one unit', () => {
    expect(format.range(6 * 60_000, 9 * 60_000)).toBe('6–9 min');
    expect(format.range(30_000, 45_000)).toBe('30–45 sec');
    expect(format.range(55_000, 60_000)).toBe('1 min');
  });

  it('have words for every size and time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 53 - 1 }),
        fc.constantFrom('en', 'zh'),
        (value, language) => {
          const one = createFormat(language);
          expect(one.bytes(value)).toMatch(/^[\d,.]+ (?:B|[KMGTP]iB)$/);
          expect(one.duration(value % 1e12)).toMatch(/\d/);
          expect(one.range(value % 1e10, (value % 1e10) * 2)).toMatch(/\d/);
        },
      ),
    );
  });
});

describe('text of others', () => {
  it('has no character that steers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
      }),
    );
  });

  it('keeps what belongs to a name', () => {
    const names = ['übung.txt', '照片 2026', '👩‍👩‍👧.png', 'می‌خواهم'];
    expect(names.map(plainText)).toEqual(names);
  });
});

describe('failures', () => {
  it('have a sentence each, also unknown ones', () => {
    expect(failureKey({ code: 'no-space', detail: {} })).toBe('no-space');
    expect(failureKey({ code: 'toString', detail: {} })).toBe('other');
  });

  it('are read from what a call was refused with', () => {
    const failure = { code: 'password-wrong', detail: { tries: 1 } };
    expect(failureOf(Object.assign(new Error('password-wrong'), { failure }))).toEqual(failure);
    expect(failureOf(new Error('password-wrong'))).toEqual({ code: 'password-wrong', detail: {} });
    expect(failureOf(new Error('It broke'))).toEqual({ code: 'other', detail: { message: 'It broke' } });
    expect(failureOf(null)).toEqual({ code: 'other', detail: { message: 'null' } });
  });
});

describe('a run on its line', () => {
  it('stands at one station, with all before it passed', () => {
    for (const [place, station] of stations.entries()) {
      const at = stationsOf(station).map((view) => view.at);
      const isLast = station === 'verified';
      expect(at).toEqual(
        stations.map((_, other) => (other < place || isLast ? 'passed' : other === place ? 'here' : 'ahead')),
      );
    }
    expect(stationsOf('opening').every(({ at }) => at === 'ahead')).toBe(true);
  });

  it('is full only when verified', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (done, total) => {
        expect(trackShare(done, total, false)).toBeLessThan(1);
      }),
    );
    expect(trackShare(0, 10, true)).toBe(1);
    expect(trackShare(3, undefined, false)).toBeUndefined();
  });
});
