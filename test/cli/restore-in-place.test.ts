/** A restore to where everything was: all of it, one folder, one file. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { initRepository } from '../../engine/repo/repository.ts';
import { seededChance } from '../support/fixed-world.ts';
import { folderState } from '../support/folder-state.ts';
import { type Ran, slackwater } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

interface Place {
  readonly home: string;
  readonly source: string;
  run(...args: string[]): Promise<Ran>;
}

async function backedUp(...targets: string[]): Promise<Place> {
  const home = temporaryFolder('in-place');
  const source = join(home, 'source');
  mkdirSync(join(source, 'letters'), { recursive: true });
  writeFileSync(join(source, 'letters', 'one'), 'one');
  writeFileSync(join(source, 'letters', 'two'), 'two');
  writeFileSync(join(source, 'note'), 'note');
  const repository = join(home, 'repository');
  const backend = openLocalBackend(repository, seededChance('in place'));
  await initRepository(backend, testPassword, testWorld(), { kdfCost: cheapKdfCost });
  const run = (...args: string[]): Promise<Ran> => slackwater(args, { repository, cwd: home });
  expect((await run('backup', ...(targets.length > 0 ? targets : [source]))).code).toBe(0);
  return { home, source, run };
}

describe('restore --in-place', () => {
  it('brings back everything that was changed or is gone', async () => {
    const { source, run } = await backedUp();
    const before = folderState(source);
    rmSync(join(source, 'letters'), { recursive: true });
    writeFileSync(join(source, 'note'), 'spoilt');
    const ran = await run('restore', 'latest', '--in-place');
    expect({ code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 0 });
    expect(folderState(source)).toEqual(before);
  });

  it('brings back one folder, or one file, and touches nothing else', async () => {
    const { source, run } = await backedUp();
    rmSync(join(source, 'letters'), { recursive: true });
    writeFileSync(join(source, 'note'), 'newer');
    expect((await run('restore', `latest:${source}/letters/one`, '--in-place')).code).toBe(0);
    expect(Object.keys(folderState(source)).sort()).toEqual(['letters/one', 'note']);
    expect((await run('restore', `latest:${source}/letters`, '--in-place')).code).toBe(0);
    expect(Object.keys(folderState(source)).sort()).toEqual(['letters/one', 'letters/two', 'note']);
    expect(readFileSync(join(source, 'note'), 'utf8')).toBe('newer');
  });

  it('says that it cannot know where relative paths were', async () => {
    const { run } = await backedUp('source');
    const ran = await run('restore', 'latest', '--in-place');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/relative paths.*--target/);
  });
});
