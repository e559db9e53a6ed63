/** Making a repository where a making was cut off before: it goes on, and harms nobody who is making one as well. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { Secret } from '../../engine/base/secret.ts';
import { initRepository, openRepository } from '../../engine/repo/repository.ts';
import { testPlace } from '../../engine/worker/test-place.ts';
import { seededChance } from '../support/fixed-world.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

const other = new Secret('another password');
const cheap = { kdfCost: cheapKdfCost };

/** As after a kill between key and config: nothing of the process ran any more. */
async function cutOff(): Promise<MemoryBackend> {
  const backend = new MemoryBackend();
  let isDead = false;
  backend.before = (operation, { type }) => {
    isDead ||= operation === 'save' && type === 'config';
    if (isDead) throw new Error('killed');
  };
  await expect(initRepository(backend, testPassword, testWorld('first'), cheap)).rejects.toThrow('killed');
  backend.before = () => {};
  expect([...backend.files.keys()]).toEqual([expect.stringMatching(/^key\//)]);
  return backend;
}

describe('init after one that was killed', () => {
  it('goes on with the key that is there, with the same password', async () => {
    const backend = await cutOff();
    const [key] = backend.files.keys();
    const made = await initRepository(backend, testPassword, testWorld('second'), cheap);
    expect([...backend.files.keys()].sort()).toEqual(['config/', key]);
    expect((await openRepository(backend, testPassword, testWorld())).config).toEqual(made.config);
  });

  it('makes a key of its own for another password, and leaves the other one alone', async () => {
    const backend = await cutOff();
    const [left] = backend.files.keys();
    const made = await initRepository(backend, other, testWorld('second'), cheap);
    expect(backend.files.has(left!)).toBe(true);
    expect((await openRepository(backend, other, testWorld())).config).toEqual(made.config);
  });

  it('goes on after any number of failures', async () => {
    const backend = new MemoryBackend();
    backend.before = (operation, { type }) => {
      if (operation === 'save' && type === 'config') throw new Error('no space');
    };
    const init = (seed: string) => initRepository(backend, testPassword, testWorld(seed), cheap);
    await expect(init('first')).rejects.toThrow('no space');
    await expect(init('second')).rejects.toThrow('no space');
    backend.before = () => {};
    await init('third');
    expect(backend.files.size).toBe(2);
    await openRepository(backend, testPassword, testWorld());
  });

  it.each([
    ['before its key was', 'key', other],
    ['before its key was, with the same password', 'key', testPassword],
    ['while the config was, with the same password', 'config', testPassword],
  ])('is made once where somebody else makes it too, and was stored %s', async (_, when, password) => {
    const backend = new MemoryBackend();
    let isFirst = true;
    backend.before = async (operation, { type }) => {
      if (operation !== 'save' || type !== when || !isFirst) return;
      isFirst = false;
      await initRepository(backend, password, testWorld('faster'), cheap);
    };
    const slower = initRepository(backend, testPassword, testWorld('slower'), cheap);
    if (when === 'key') await expect(slower).rejects.toMatchObject({ code: 'repository-exists' });
    else await slower;
    // However it went: whoever was told that it is made can open it.
    const opened = await openRepository(backend, when === 'key' ? password : testPassword, testWorld());
    expect(opened.config.id).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['snapshot', 'index', 'pack'])(
    'is refused where there is a %s: that repository lost its config',
    async (type) => {
      const backend = await cutOff();
      backend.files.set(`${type}/${'ab'.repeat(32)}`, Buffer.from('x'));
      const before = new Map(backend.files);
      await expect(initRepository(backend, testPassword, testWorld('second'), cheap)).rejects.toMatchObject({
        code: 'repository-exists',
      });
      expect(backend.files).toEqual(before);
    },
  );
});

describeWithPeers(['restic'], 'with restic', () => {
  it.each([testPassword, other])(
    'a place where an init was killed becomes a sound vault',
    async (password) => {
      const location = join(temporaryFolder('init'), 'vault');
      const backend = openLocalBackend(location, seededChance('init'));
      await initRepository(backend, testPassword, testWorld('first'), cheap);
      rmSync(join(location, 'config'));
      writeFileSync(join(location, 'config-tmp-0123456789abcdef'), 'half');
      const world = { ...testWorld('place'), access: {} };
      expect(await testPlace(location, world)).toMatchObject({ at: 'empty', writable: true });
      await initRepository(backend, password, testWorld('second'), cheap);
      expect(await testPlace(location, world)).toMatchObject({ at: 'repository' });
      const checked = await runRestic(['check'], { repo: location, password: password.reveal() });
      expect(checked.code, checked.stderr).toBe(0);
    },
  );
});
