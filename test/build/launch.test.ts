/** `slackwater` as npm installs it: which of the two programs a command line reaches. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../build/run-tool.ts';

const slackwater = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(projectFolder, 'build/launch.js'), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
};

it.each([
  ['help', 'serve'],
  ['--help', 'serve'],
  ['-h', 'serve'],
])('%s %s explains serve as serve --help does', (...args) => {
  const explained = slackwater('serve', '--help');
  expect(explained).toMatchObject({ status: 0, stderr: '' });
  expect(explained.stdout).toMatch(/^Usage: slackwater serve /);
  expect(slackwater(...args)).toEqual(explained);
});

it("help of the engine's commands is the engine's", () => {
  expect(slackwater('help', 'check').stdout).toMatch(/^slackwater check: /);
  expect(slackwater('help').stdout).toContain('slackwater serve');
});
