/** The launcher: a program started through it must not notice that it was. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../build/run-tool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const echo = `
import { readFileSync } from 'node:fs';
const args: string[] = readFileSync('/proc/self/cmdline', 'latin1').split('\\0').slice(0, -1);
const from = args.findIndex((arg) => arg.endsWith('echo.ts'));
console.log(JSON.stringify({ node: process.version, args: args.slice(from + 1) }));
process.exitCode = 7;
`;
const wait = `
process.on('SIGTERM', () => process.exit(9));
setInterval(() => undefined, 1000);
console.log('ready');
`;

/** The machine's own Node, when it is too old for us: then the launcher has something to do. */
const oldNode = (process.env.PATH ?? '')
  .split(':')
  .map((folder) => join(folder, 'node'))
  .find((path) => {
    const major = /^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
    return major !== undefined && Number(major) >= 18 && Number(major) < 24;
  });

const ways: readonly (readonly [string, string | undefined, readonly string[]])[] = [
  ['under Node 24', process.execPath, ['node', 'koffi']],
  ['under an old Node, which becomes Node 24', oldNode, ['node', 'koffi']],
  ['under an old Node that cannot, and waits for a child', oldNode, ['node']],
];

describe.skipIf(process.platform !== 'linux')('a program', () => {
  for (const [way, node, packages] of ways) {
    describe.skipIf(node === undefined)(way, () => {
      it('gets its arguments, and its exit code is passed on', () => {
        const home = makeHome(packages);
        const ended = spawnSync(node!, [join(home, 'build/run.js'), 'echo.ts', 'a b', '-x', 'ä\n', ''], {
          cwd: home,
          encoding: 'utf8',
        });
        const answer = JSON.parse(ended.stdout) as { node: string; args: string[] };
        expect(answer.args).toEqual(['a b', '-x', Buffer.from('ä\n').toString('latin1'), '']);
        expect(Number(answer.node.slice(1).split('.')[0])).toBeGreaterThanOrEqual(24);
        expect(ended.status).toBe(7);
      });

      // A child gets its arguments as text: only a process that becomes the program can hand on any bytes.
      const bytes = packages.includes('koffi') ? 'caf\xe9' : 'caf\xef\xbf\xbd';
      it('gets even bytes that are no text, where its process can become the program', () => {
        const home = makeHome(packages);
        const script = `exec "$0" build/run.js echo.ts "$(printf 'caf\\351')"`;
        const ended = spawnSync('sh', ['-c', script, node!], { cwd: home, encoding: 'utf8' });
        expect((JSON.parse(ended.stdout) as { args: string[] }).args).toEqual([bytes]);
      });

      it('gets a signal that was sent to the launcher', async () => {
        const home = makeHome(packages);
        const child = spawn(node!, [join(home, 'build/run.js'), 'wait.ts'], { cwd: home });
        await once(child.stdout, 'data');
        child.kill('SIGTERM');
        expect(await once(child, 'exit')).toEqual([9, null]);
      });

      it('ends by the signal that ended it', async () => {
        const home = makeHome(packages);
        const child = spawn(node!, [join(home, 'build/run.js'), 'wait.ts'], { cwd: home });
        await once(child.stdout, 'data');
        child.kill('SIGHUP');
        expect(await once(child, 'exit')).toEqual([null, 'SIGHUP']);
      });
    });
  }

  it.skipIf(oldNode === undefined)(
    'is not started where there is no Node 24, and one sentence says so',
    () => {
      const home = makeHome([]);
      const ended = spawnSync(oldNode!, [join(home, 'build/run.js'), 'echo.ts'], {
        cwd: home,
        encoding: 'utf8',
        env: { PATH: '/nowhere' },
      });
      expect(ended.status).toBe(1);
      expect(ended.stdout).toBe('');
      expect(ended.stderr).toMatch(/^Slackwater needs Node 24 or later, and found only v[^\n]*\n$/);
    },
  );
});

/** A project with the launcher, two programs and no more than these packages. */
function makeHome(packages: readonly string[]): string {
  const home = temporaryFolder('launch');
  mkdirSync(join(home, 'build'));
  mkdirSync(join(home, 'node_modules'));
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  for (const name of ['find-node.js', 'start.js', 'run.js']) {
    copyFileSync(join(projectFolder, 'build', name), join(home, 'build', name));
  }
  for (const name of packages) {
    symlinkSync(join(projectFolder, 'node_modules', name), join(home, 'node_modules', name));
  }
  writeFileSync(join(home, 'echo.ts'), echo);
  writeFileSync(join(home, 'wait.ts'), wait);
  return home;
}
