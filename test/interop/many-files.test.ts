/**
 * 60 000 files: backed up and restored in a few hundred megabytes of memory, and all of them come back; backed up once more
 * with a thread that walks ahead, and nothing that changed is missed.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { initRepository } from '../../engine/repo/repository.ts';
import { seededChance } from '../support/fixed-world.ts';
import { slackwater } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

const folders = 300;
const filesPerFolder = 200;
const memoryBytesMax = 500 * 1024 * 1024;

it('backs up and restores 60 000 files in bounded memory, and finds what changed among them', {
  timeout: 600_000,
}, async () => {
  const home = temporaryFolder('many');
  const source = join(home, 'source');
  const noise = Buffer.from(seededChance('many').bytes(1 << 20));
  for (let i = 0; i < folders; i++) {
    const folder = join(source, `${i % 10}`, `folder-${i}`);
    mkdirSync(folder, { recursive: true });
    for (let j = 0; j < filesPerFolder; j++) {
      const at = (i * 977 + j * 3331) % 900_000;
      writeFileSync(
        join(folder, `file-${j}`),
        `${i} ${j} ${noise.toString('latin1', at, at + ((i * j) % 4000))}`,
      );
    }
  }
  const repository = join(home, 'repository');
  const backend = openLocalBackend(repository, seededChance('many'));
  await initRepository(backend, testPassword, testWorld(), { kdfCost: cheapKdfCost });

  const backup = await slackwater(['backup', 'source'], { repository, cwd: home });
  expect({ code: backup.code, stderr: backup.stderr }).toMatchObject({ code: 0 });
  const target = join(home, 'target');
  const restore = await slackwater(['restore', 'latest', '--target', target], { repository });
  expect({ code: restore.code, stderr: restore.stderr }).toMatchObject({ code: 0 });
  console.info(
    `most memory: backup ${backup.memoryBytesMax >> 20} MiB, restore ${restore.memoryBytesMax >> 20} MiB`,
  );
  expect(backup.memoryBytesMax).toBeLessThan(memoryBytesMax);
  expect(restore.memoryBytesMax).toBeLessThan(memoryBytesMax);

  const names = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  expect(names(join(target, 'source'))).toEqual(names(source));
  for (let i = 0; i < folders; i += 7) {
    for (let j = 0; j < filesPerFolder; j += 13) {
      const path = join(`${i % 10}`, `folder-${i}`, `file-${j}`);
      expect(readFileSync(join(target, 'source', path)).equals(readFileSync(join(source, path)))).toBe(true);
    }
  }

  writeFileSync(join(source, '0', 'folder-0', 'file-0'), 'changed');
  writeFileSync(join(source, '7', 'folder-297', 'new file'), 'new');
  chmodSync(join(source, '3', 'folder-3', 'file-3'), 0o600);
  chmodSync(join(source, '4', 'folder-4'), 0o700);
  rmSync(join(source, '5', 'folder-5', 'file-5'));
  renameSync(join(source, '6', 'folder-6'), join(source, '6', 'folder-six'));
  const again = await slackwater(['backup', 'source', '--json'], { repository, cwd: home });
  expect(JSON.parse(again.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
    files_new: 1 + filesPerFolder,
    files_changed: 2,
    files_unmodified: folders * filesPerFolder - 3 - filesPerFolder,
    dirs_new: 1,
  });
  const anew = await slackwater(['backup', 'source', '--force'], { repository, cwd: home });
  expect({ code: anew.code, stderr: anew.stderr }).toMatchObject({ code: 0 });
  const { stdout } = await slackwater(['snapshots', '--json'], { repository });
  const trees = (JSON.parse(stdout) as { readonly tree: string }[]).map(({ tree }) => tree);
  expect(trees).toHaveLength(3);
  expect(trees[1]).not.toBe(trees[0]);
  expect(trees[2]).toBe(trees[1]);
});
