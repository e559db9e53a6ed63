import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isFailure } from '../../engine/base/failure.ts';
import { namedRepository, passwordWay } from '../../engine/cli/choose-repository.ts';
import type { GlobalValues } from '../../engine/cli/command.ts';
import { globalOptions } from '../../engine/cli/global-options.ts';
import { parseOptions } from '../../engine/cli/parse-options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function globals(...args: string[]): GlobalValues {
  return parseOptions(args, globalOptions, {}).values;
}

async function failureOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isFailure(error)) return `${error.code}: ${error.detail.why}`;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('which repository', () => {
  test('the option before our variable before restic’s; without any, none', async () => {
    const restic = { RESTIC_REPOSITORY: 'r' };
    const both = { ...restic, SLACKWATER_REPOSITORY: 's' };
    expect(await namedRepository(globals('-r', 'o'), both)).toBe('o');
    expect(await namedRepository(globals(), both)).toBe('s');
    expect(await namedRepository(globals(), restic)).toBe('r');
    expect(await namedRepository(globals(), { SLACKWATER_REPOSITORY: '' })).toBeUndefined();
  });

  test('out of a file, white space around it trimmed', async () => {
    const file = join(temporaryFolder(), 'location');
    writeFileSync(file, ' /srv/repo \n');
    expect(await namedRepository(globals('--repository-file', file), { RESTIC_REPOSITORY: 'r' })).toBe(
      '/srv/repo',
    );
    expect(await namedRepository(globals(), { RESTIC_REPOSITORY_FILE: file })).toBe('/srv/repo');
  });

  test('two ways at once, an empty file or none are refused', async () => {
    const file = join(temporaryFolder(), 'location');
    expect(await failureOf(() => namedRepository(globals('-r', 'x', '--repository-file', file), {}))).toMatch(
      /^usage/,
    );
    const both = { RESTIC_REPOSITORY: 'x', RESTIC_REPOSITORY_FILE: file };
    expect(await failureOf(() => namedRepository(globals(), both))).toMatch(/^usage/);
    expect(await failureOf(() => namedRepository(globals('--repository-file', file), {}))).toMatch(
      /does not exist/,
    );
    writeFileSync(file, '\n');
    expect(await failureOf(() => namedRepository(globals('--repository-file', file), {}))).toMatch(/empty/);
  });
});

describe('which password', () => {
  test.each([
    [['-p', 'f'], { SLACKWATER_PASSWORD: 'x' }, { from: 'file', path: 'f' }],
    [['--password-command', 'c'], { RESTIC_PASSWORD_FILE: 'f' }, { from: 'command', line: 'c' }],
    [['--insecure-no-password'], { RESTIC_PASSWORD: 'x' }, { from: 'nothing' }],
    [[], { SLACKWATER_PASSWORD_FILE: 'f', SLACKWATER_PASSWORD: 'x' }, { from: 'file', path: 'f' }],
    [[], { SLACKWATER_PASSWORD_COMMAND: 'c', RESTIC_PASSWORD_FILE: 'f' }, { from: 'command', line: 'c' }],
    [[], { RESTIC_PASSWORD_COMMAND: 'c' }, { from: 'command', line: 'c' }],
    [[], {}, { from: 'input' }],
  ])('%j with %j', (args, environment, way) => {
    expect(passwordWay(globals(...args), environment)).toEqual(way);
  });

  test('one from the environment stays secret', () => {
    const way = passwordWay(globals(), { RESTIC_PASSWORD: 'r', SLACKWATER_PASSWORD: 's' });
    expect(way.from === 'environment' && way.password.reveal()).toBe('s');
    expect(JSON.stringify(way)).toBe('{"from":"environment","password":"***"}');
  });

  test('two ways at once are refused', async () => {
    expect(await failureOf(() => passwordWay(globals('-p', 'f', '--password-command', 'c'), {}))).toMatch(
      /^usage/,
    );
    expect(await failureOf(() => passwordWay(globals('-p', 'f', '--insecure-no-password'), {}))).toMatch(
      /^usage/,
    );
    const both = { RESTIC_PASSWORD_FILE: 'f', RESTIC_PASSWORD_COMMAND: 'c' };
    expect(await failureOf(() => passwordWay(globals(), both))).toMatch(/^usage/);
  });
});
