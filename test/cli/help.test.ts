import { describe, expect, test } from 'vitest';
import { catalog } from '../../engine/cli/catalog.ts';
import { exitCodeMeanings } from '../../engine/cli/exit-code.ts';
import { globalOptions } from '../../engine/cli/global-options.ts';
import { longName } from '../../engine/cli/option-table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cliWorld } from './cli-world.ts';

const names = catalog.map(({ name }) => name);

test('every command that there must be is there', () => {
  expect(names.toSorted()).toEqual(
    [
      ...['backup', 'cat', 'check', 'diff', 'find', 'help', 'init', 'key', 'ls', 'restore'],
      ...['snapshots', 'stats', 'version', 'locks', 'unlock', 'pending', 'probe', 'regions'],
    ].toSorted(),
  );
});

test('the overview names every command, exit code and variable, and begins with something to type', async () => {
  const { stdout, code } = await cliWorld(temporaryFolder())([]);
  expect(code).toBe(0);
  for (const { name, summary } of catalog) expect(stdout).toMatch(new RegExp(`  ${name} +${summary}\\n`));
  for (const [exitCode, means] of exitCodeMeanings)
    expect(stdout).toMatch(new RegExp(`  ${exitCode} +${means.slice(0, 12)}`));
  for (const name of ['SLACKWATER_REPOSITORY', 'SLACKWATER_PASSWORD_COMMAND', 'NO_COLOR', 'RESTIC_']) {
    expect(stdout).toContain(name);
  }
  expect(stdout).toContain('slackwater backup ~/Documents');
});

describe.each(catalog)('help for $name', ({ name, load, summary }) => {
  test('says what it is for, how it is typed, and what each option means', async () => {
    const command = await load();
    const { stdout, stderr, code } = await cliWorld(temporaryFolder())(['help', name]);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(command.name).toBe(name);
    expect(command.summary).toBe(summary);
    for (const usage of command.usage) expect(stdout).toContain(`  slackwater ${usage}\n`);
    for (const { line } of command.examples) expect(stdout).toContain(`  slackwater ${line}\n`);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [key, entry] of Object.entries({ ...command.options, ...globalOptions })) {
      expect(stdout).toContain(`--${longName(key)}`);
      expect(entry.says.length).toBeGreaterThan(5);
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test('is the same by --help and -h, wherever they stand', async () => {
    const run = cliWorld(temporaryFolder());
    const { stdout } = await run(['help', name]);
    expect((await run([name, '--help'])).stdout).toBe(stdout);
    expect((await run(['-h', name, 'whatever'])).stdout).toBe(stdout);
  });

  test('is JSON for programs', async () => {
    const { json } = await cliWorld(temporaryFolder())(['help', name, '--json']);
    expect(json).toMatchObject([{ message_type: 'help', command: name, summary }]);
  });

  test('no option hides a general one', async () => {
    const command = await load();
    const general = new Set(
      Object.values(globalOptions).flatMap((entry) => ('short' in entry ? [entry.short] : [])),
    );
    for (const [key, entry] of Object.entries(command.options)) {
      expect(Object.keys(globalOptions)).not.toContain(key);
      if (entry.short !== undefined) expect(general).not.toContain(entry.short);
    }
    const shorts = Object.values(command.options).flatMap((entry) => entry.short ?? []);
    expect(new Set(shorts).size).toBe(shorts.length);
  });
});

test('every example can be parsed', async () => {
  const { parseOptions } = await import('../../engine/cli/parse-options.ts');
  for (const { load } of catalog) {
    const command = await load();
    for (const { line } of command.examples) {
      const words = line.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
      const table = { ...globalOptions, ...command.options };
      expect(parseOptions(words, table, {}).operands[0]?.text).toBe(command.name);
    }
  }
});

test('a command that is not there suggests the one that was meant', async () => {
  const run = cliWorld(temporaryFolder());
  const ran = await run(['bakcup']);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toBe('error: There is no command "bakcup". Did you mean `slackwater backup`?\n');
  expect((await run(['help', 'zzzzzz'])).stderr).toContain('`slackwater help` lists them');
});
