import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compiledFolder } from '../../build/compiled-folder.js';
import { projectFolder } from '../../build/run-tool.ts';
import { runProgram } from '../peers/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const isRoot = process.geteuid?.() === 0;
const inHome = (home: string, env: Record<string, string> = {}) =>
  compiledFolder({ env, platform: 'linux' }, home);

describe.skipIf(process.platform === 'win32')('where Node keeps what it has compiled', () => {
  it('is among the caches of the user, for nobody else', () => {
    const home = temporaryFolder('compiled');
    const folder = join(home, '.cache', 'slackwater', 'compiled-by-node');
    expect(inHome(home)).toBe(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const caches = temporaryFolder('caches');
    expect(inHome(home, { XDG_CACHE_HOME: caches })).toBe(join(caches, 'slackwater', 'compiled-by-node'));
    expect(inHome(home, { XDG_CACHE_HOME: 'relative' })).toBe(folder);
  });

  it.each(['.', 'slackwater', 'slackwater/compiled-by-node'])(
    'is nowhere if others may write to %s',
    (name) => {
      const caches = temporaryFolder('caches');
      mkdirSync(join(caches, name), { recursive: true });
      chmodSync(join(caches, name), 0o777);
      expect(inHome('/nowhere', { XDG_CACHE_HOME: caches })).toBeUndefined();
    },
  );

  it.skipIf(!isRoot).each(['.', 'slackwater', 'slackwater/compiled-by-node'])(
    "is nowhere if %s is another user's",
    (name) => {
      const caches = temporaryFolder('caches');
      mkdirSync(join(caches, name), { recursive: true });
      chownSync(join(caches, name), 1234, 1234);
      expect(inHome('/nowhere', { XDG_CACHE_HOME: caches })).toBeUndefined();
    },
  );

  it('is nowhere if a link leads there, or if it cannot be made', () => {
    const caches = temporaryFolder('caches');
    mkdirSync(join(caches, 'slackwater'));
    symlinkSync(temporaryFolder('elsewhere'), join(caches, 'slackwater', 'compiled-by-node'));
    chmodSync(join(caches, 'slackwater'), 0o700);
    expect(inHome('/nowhere', { XDG_CACHE_HOME: caches })).toBeUndefined();
    expect(inHome('/dev/null')).toBeUndefined();
  });

  it('is used by the program', async () => {
    const home = temporaryFolder('compiled');
    const env = { HOME: home, XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined };
    const launch = [join(projectFolder, 'build/launch.js'), 'version'];
    const first = await runProgram(process.execPath, launch, { env });
    expect(first.code).toBe(0);
    const [version] = readdirSync(join(home, '.cache', 'slackwater', 'compiled-by-node'));
    expect(
      readdirSync(join(home, '.cache', 'slackwater', 'compiled-by-node', version!)).length,
    ).toBeGreaterThan(9);
  });
});
