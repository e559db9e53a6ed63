import {
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RestoreWorld } from './restore-world.ts';

it.skipIf(process.geteuid?.() !== 0)(
  'does not make a file that another user may hold open one of the owner',
  async () => {
    const world = await new RestoreWorld().open();
    const profile = join(world.target, 'profile');
    mkdirSync(world.target);
    writeFileSync(profile, 'trusted');
    utimesSync(profile, 1_580_644_800, 1_580_644_800);
    chownSync(profile, 1234, 1234);
    const held = openSync(profile, 'r+');
    try {
      const nodes = [world.file('profile', ['trusted'], { mtime: '2020-02-02T12:00:00Z' })];
      for (const overwrite of ['if-changed', 'always'] as const) {
        chownSync(profile, 1234, 1234);
        await world.restore(nodes, { overwrite });
        writeSync(held, 'hostile', 0);
        expect(lstatSync(profile).uid).toBe(0);
        expect(readFileSync(profile, 'utf8')).toBe('trusted');
      }
    } finally {
      closeSync(held);
      world.remove();
    }
  },
);
