import { describe, expect, test } from 'vitest';
import { isFailure } from '../../engine/base/failure.ts';
import { globalOptions } from '../../engine/cli/global-options.ts';
import { count, duration, flag, level, size, text, texts } from '../../engine/cli/option-table.ts';
import { firstOperand, parseOptions } from '../../engine/cli/parse-options.ts';

const table = {
  exclude: texts('PATTERN', '', { short: 'e' }),
  host: text('NAME', '', { short: 'H', environment: 'HOST', aliases: ['hostname'] }),
  when: text('WHEN', '', { choices: ['always', 'never'] }),
  ignoreInode: flag('', { environment: 'IGNORE_INODE' }),
  dryRun: flag('', { short: 'n' }),
  verbose: level('', { short: 'v' }),
  latest: count('N', ''),
  largerThan: size('SIZE', ''),
  retryLock: duration('TIME', ''),
};

function parse(args: string[], environment = {}) {
  const { values, operands } = parseOptions(args, table, environment);
  return { ...values, operands: operands.map((operand) => operand.text) };
}

function whyNot(args: string[], environment = {}): string {
  try {
    parse(args, environment);
  } catch (error) {
    if (isFailure(error, 'usage')) return `${error.detail.why} ${error.detail.instead ?? ''}`.trim();
    throw error;
  }
  throw new Error('it was accepted');
}

describe('what is understood', () => {
  test.each([
    [['--exclude', 'a', '-e', 'b', '-ec', '--exclude=d'], { exclude: ['a', 'b', 'c', 'd'] }],
    [['--exclude', '-x'], { exclude: ['-x'] }],
    [['-H', 'me'], { host: 'me' }],
    [['--hostname', 'me'], { host: 'me' }],
    [['--host', 'a', '--host', 'b'], { host: 'b' }],
    [['--host='], { host: '' }],
    [['--when', 'never'], { when: 'never' }],
    [['-n'], { dryRun: true }],
    [['--dry-run=false'], { dryRun: false }],
    [['-vv'], { verbose: 2 }],
    [['-v', '--verbose'], { verbose: 2 }],
    [['--verbose=2'], { verbose: 2 }],
    [['-nvH', 'me'], { dryRun: true, verbose: 1, host: 'me' }],
    [['--latest', '3'], { latest: 3 }],
    [['--larger-than', '1.5K'], { largerThan: 1536 }],
    [['--retry-lock', '1h30m'], { retryLock: 5_400_000 }],
    [['a', '-n', 'b'], { dryRun: true, operands: ['a', 'b'] }],
    [['-n', '--', '-v', '--host'], { dryRun: true, verbose: 0, operands: ['-v', '--host'] }],
    [['-'], { operands: ['-'] }],
    [[], { exclude: [], host: undefined, dryRun: false, verbose: 0, latest: undefined, operands: [] }],
  ])('%j', (args, expected) => {
    expect(parse(args)).toMatchObject(expected);
  });

  test('the environment where the option is not given: ours before restic’s, an empty one is none', () => {
    expect(parse([], { RESTIC_HOST: 'r' }).host).toBe('r');
    expect(parse([], { RESTIC_HOST: 'r', SLACKWATER_HOST: 's' }).host).toBe('s');
    expect(parse([], { RESTIC_HOST: 'r', SLACKWATER_HOST: '' }).host).toBe('r');
    expect(parse(['-H', 'o'], { SLACKWATER_HOST: 's' }).host).toBe('o');
    expect(parse([], { RESTIC_IGNORE_INODE: 'true' }).ignoreInode).toBe(true);
    expect(parse([], { RESTIC_IGNORE_INODE: '0' }).ignoreInode).toBe(false);
  });

  test('an operand knows its place among the arguments', () => {
    const { operands } = parseOptions(['a', '-e', 'x', 'b', '--', 'c'], table, {});
    expect(operands).toEqual([
      { text: 'a', index: 0 },
      { text: 'b', index: 3 },
      { text: 'c', index: 5 },
    ]);
  });
});

describe('what is refused', () => {
  test.each([
    [['--excluded', 'x'], 'There is no option --excluded. Did you mean --exclude?'],
    [['--dryrun'], 'There is no option --dryrun. Did you mean --dry-run?'],
    [['--zzzzzz'], 'There is no option --zzzzzz.'],
    [['-z'], 'There is no option -z.'],
    [['--host'], '--host needs a value: NAME.'],
    [['-H'], '-H needs a value: NAME.'],
    [['--when', 'sometimes'], '--when takes one of always, never.'],
    [['--dry-run=perhaps'], '--dry-run is either given or not: it takes no value but true or false.'],
    [['--latest', '-1'], '--latest takes a whole number, as in 3.'],
    [['--larger-than', 'big'], '--larger-than takes a size, as in 512, 10M or 1.5G.'],
    [['--retry-lock', '5'], '--retry-lock takes a time, as in 90s, 5m or 1h30m.'],
    [['--verbose=much'], '--verbose takes a number, as in --verbose=2.'],
  ])('%j', (args, why) => {
    expect(whyNot(args)).toBe(why);
  });

  test('a bad value from the environment is named by its variable', () => {
    expect(whyNot([], { RESTIC_IGNORE_INODE: 'perhaps' })).toContain('RESTIC_IGNORE_INODE');
  });
});

test('the command is the first operand, wherever the general options stand', () => {
  expect(firstOperand(['-r', 'repo', '--json', 'backup', 'x'], globalOptions)).toEqual({
    text: 'backup',
    index: 3,
  });
  expect(firstOperand(['--retry-lock=5m', 'ls'], globalOptions)?.text).toBe('ls');
  expect(firstOperand(['--json'], globalOptions)).toBeUndefined();
});
