import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../build/run-tool.ts';
import { beOnlyOne } from '../../electron/system/only-one.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('gives a place to one at a time', async () => {
  const folder = temporaryFolder();
  const leave = await beOnlyOne(folder);
  expect(await beOnlyOne(folder)).toBeUndefined();
  const elsewhere = await beOnlyOne(temporaryFolder());
  expect(elsewhere).toBeDefined();
  elsewhere?.();
  leave?.();
  const again = await beOnlyOne(folder);
  expect(again).toBeDefined();
  again?.();
});

it('needs no short path', async () => {
  const folder = join(temporaryFolder(), 'x'.repeat(200));
  const leave = await beOnlyOne(folder);
  expect(leave).toBeDefined();
  expect(await beOnlyOne(folder)).toBeUndefined();
  leave?.();
});

it.skipIf(process.platform === 'win32')('takes the place of one that was killed', async () => {
  const folder = temporaryFolder();
  const killed = `const { beOnlyOne } = await import('./electron/system/only-one.ts');
    await beOnlyOne(${JSON.stringify(folder)});
    process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['--input-type=module', '--eval', killed], { cwd: projectFolder });
  expect(existsSync(join(folder, 'serving'))).toBe(true);
  const leave = await beOnlyOne(folder);
  expect(leave).toBeDefined();
  leave?.();
});
