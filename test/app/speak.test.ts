import { expect, test } from 'vitest';
import { en } from '../../electron/app/text/en.ts';
import { pickLanguage } from '../../electron/app/text/language.ts';
import { speak } from '../../electron/app/text/speak.ts';
import { zh } from '../../electron/app/text/zh.ts';

type Tree = { readonly [key: string]: string | Tree };
function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`),
  );
}
const values = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort();

test('both languages have the same keys with the same values, and nothing is left in English', () => {
  const english = new Map(leaves(en));
  const chinese = new Map(leaves(zh as unknown as Tree));
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  for (const [key, text] of chinese) {
    expect([key, values(text)]).toEqual([key, values(english.get(key) ?? '')]);
    expect(text).toMatch(/[一-鿿]/);
  }
});

test.each([
  ['zh', ['en'], 'zh'],
  ['system', ['zh-Hans-CN', 'en'], 'zh'],
  ['system', ['de-DE', 'zh_CN'], 'zh'],
  ['system', ['fr', 'en-GB', 'zh'], 'en'],
  ['system', ['fr'], 'en'],
  ['system', [], 'en'],
] as const)('language: %s of %j is %s', (wanted, languages, expected) => {
  expect(pickLanguage(wanted, languages)).toBe(expected);
});

test('failures: by code, by why, and unknown ones', () => {
  const english = speak('en');
  expect(english.failure({ code: 'password-wrong', detail: {} })).toBe(
    'The password does not open the vault.',
  );
  expect(english.failure({ code: 'usage', detail: { why: 'vault-in-use' } })).toContain(
    'still uses this vault',
  );
  expect(english.failure({ code: 'usage', detail: { why: 'other' } })).toBe('This cannot be done as asked.');
  expect(speak('zh').failure({ code: 'no-space', detail: {} })).toContain('空间不足');
  expect(english.failure({ code: 'x'.repeat(500), detail: {} }).length).toBeLessThan(120);
});

test('names are shown harmless: no control characters, no placeholders of ours, no markup changed', () => {
  const nowMs = 0;
  const say = (plan: string) => speak('en').verdict({ kind: 'attention', code: 'neverRun', plan }, nowMs);
  expect(say('a\u001b[31m\u202eb\n')).toBe('“a�[31m�b�” has not been backed up yet.');
  expect(say('{{when}} $t(menu.quit) <b>')).toBe('“{{when}} $t(menu.quit) <b>” has not been backed up yet.');
});

test('times are said as people say them', () => {
  const nowMs = Date.UTC(2026, 4, 6, 0, 30);
  const at = (hours: number) => nowMs + hours * 3_600_000;
  const english = speak('en', 'UTC');
  expect(english.when(at(1), nowMs)).toBe('today 01:30');
  expect(english.when(at(-1), nowMs)).toBe('yesterday 23:30');
  expect(english.when(at(24), nowMs)).toBe('tomorrow 00:30');
  expect(english.when(at(-72), nowMs)).toBe('3 May 2026');
  expect(speak('zh', 'UTC').when(at(-72), nowMs)).toBe('2026年5月3日');
});

test('menu and notices', () => {
  expect(speak('en').menu('backUpNow')).toBe('Back Up Now');
  expect(speak('zh').menu('vault', { name: '移动硬盘' })).toBe('保险库：移动硬盘');
  expect(speak('en').notice('saved', { plan: 'Home' })).toBe('“Home” is backed up.');
});
