import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { holdFile } from './hold-file.ts';

it('lets one in after the other', async () => {
  const path = join(temporaryFolder(), 'lock');
  const order: string[] = [];
  const release = await holdFile(path);
  const second = holdFile(path).then((releaseSecond) => {
    order.push('second');
    releaseSecond();
  });
  await new Promise((resolve) => setImmediate(resolve));
  order.push('first');
  release();
  await second;
  expect(order).toEqual(['first', 'second']);
  expect(existsSync(path)).toBe(false);
});

it('takes over what a dead process left', async () => {
  const path = join(temporaryFolder(), 'lock');
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(path, `${pid}\n`);
  const release = await holdFile(path);
  release();
  expect(existsSync(path)).toBe(false);
});

it('does not wait for ever', async () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, `${process.ppid}\n`);
  const release = await holdFile(path, 1);
  release();
});
