/** Somebody swaps a folder for a symlink that leads out, as fast as he can, while we write into it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { systemCode } from '../../engine/base/failure.ts';
import { holdOpen } from '../../engine/target/folder-handles.ts';
import { SafeFolder } from '../../engine/target/safe-folder.ts';

const roundsMax = 40_000;
const enough = 400;
const swap = `
  const { renameSync } = require('node:fs');
  console.log('begun');
  for (let round = 0; round < ${roundsMax}; round++) {
    renameSync('way', 'folder');
    renameSync('link', 'way');
    renameSync('way', 'link');
    renameSync('folder', 'way');
  }
`;

it.runIf(process.platform === 'linux')('writes nothing outside', async () => {
  const box = mkdtempSync(join(tmpdir(), 'slackwater-race-'));
  const [target, outside] = [join(box, 'target'), join(box, 'outside')];
  for (const each of [target, outside, join(target, 'way')]) mkdirSync(each);
  writeFileSync(join(outside, 'precious'), 'precious');
  symlinkSync(outside, join(target, 'link'));
  const swapper = spawn(process.execPath, ['-e', swap], {
    cwd: target,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(swapper, 'exit');
  const counts = { written: 0, refused: 0, vanished: 0 };
  try {
    await once(swapper.stdout, 'data');
    while (swapper.exitCode === null && (counts.written < enough || counts.refused < enough)) {
      counts[attack(target)]++;
      await setImmediate();
    }
  } finally {
    swapper.kill();
    await ended;
  }
  expect(readdirSync(outside)).toEqual(['precious']);
  expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('precious');
  expect(counts.written).toBeGreaterThan(0);
  expect(counts.refused).toBeGreaterThan(0);
  rmSync(box, { recursive: true });
});

const way = fromLatin1('way');
const metadata = { permissions: 0o777, uid: 1, gid: 1, mtimeNs: 0n, atimeNs: 0n, extendedAttributes: [] };
const chance = { bytes: (count: number) => new Uint8Array(count) };

/** All that a restore does to a folder, with no handle from before. */
function attack(target: string): 'written' | 'refused' | 'vanished' {
  const folder = new SafeFolder(holdOpen(fromText(target)), chance);
  try {
    for (const name of folder.list([way])) folder.remove([way, name], 'tree');
    folder.ensureFolder([way, fromLatin1('sub')], 'nothing');
    for (const name of ['file', 'precious']) {
      const draft = folder.draftFile([way, fromLatin1(name)], 4, false);
      folder.writeAt(draft, 0, Buffer.from('evil'));
      folder.describe(draft, metadata, { setIdBits: true });
      folder.publish(draft, 'tree');
    }
    return 'written';
  } catch (error) {
    // Between two renames nothing is there.
    const code = systemCode(error);
    expect(code).toMatch(/^(target-unsafe|ENOENT)$/);
    return code === 'ENOENT' ? 'vanished' : 'refused';
  } finally {
    folder.close();
  }
}
