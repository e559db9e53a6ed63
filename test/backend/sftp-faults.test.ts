import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, FileName } from '../../engine/backend/backend.ts';
import { openSftpBackend } from '../../engine/backend/sftp.ts';
import { backendWorld, isAlive, pidsOf } from '../support/child-world.ts';
import { type SshServer, sshHost, startSshServer } from '../support/ssh-server.ts';
import { describeWithPrograms } from '../support/system-programs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const config: FileName = { type: 'config', name: '' };
const large = createHash('shake256', { outputLength: 64_000_000 }).update('large').digest();
const pack: FileName = { type: 'pack', name: hash('sha256', large) };

describeWithPrograms(['sshd', 'ssh'], 'SFTP when things go wrong', () => {
  let server: SshServer;
  const opened: Backend[] = [];
  beforeAll(async () => {
    server = await startSshServer();
  });
  afterAll(async () => {
    for (const backend of opened) await backend.close();
    await server.stop();
  });

  const openWith = (clientConfig: string, path = join(temporaryFolder('sftp'), 'repository')): Backend => {
    const backend = openSftpBackend(
      `${sshHost}:${path}`,
      backendWorld({ SLACKWATER_SSH_CONFIG: clientConfig }),
    );
    opened.push(backend);
    return backend;
  };
  /** The processes of ssh that we started with this configuration. */
  const sshPids = (clientConfig = server.config): number[] => pidsOf('ssh', clientConfig);

  it('refuses a server whose key is another than the known one, and one that nobody knows', async () => {
    const known = readFileSync(join(server.folder, 'known-hosts'), 'utf8').split(' ')[0];
    const other = readFileSync(join(server.folder, 'other-key.pub'), 'utf8');
    writeFileSync(join(server.folder, 'known-others'), `${known} ${other}`);
    const changed = server.clientConfig('changed', [
      `UserKnownHostsFile ${join(server.folder, 'known-others')}`,
    ]);
    await expect(openWith(changed).create()).rejects.toMatchObject({
      code: 'not-the-store',
      next: 'never',
      detail: { why: expect.stringContaining('is not the one that this machine knows') },
    });
    const unknown = server.clientConfig('unknown', [`UserKnownHostsFile ${join(server.folder, 'nobody')}`]);
    await expect(openWith(unknown).stat(config)).rejects.toMatchObject({
      code: 'not-the-store',
      detail: { why: expect.stringContaining('does not know its host key') },
    });
  });

  it('says that its key is refused, and that nobody listens, and that there is no SFTP', async () => {
    const wrong = server.clientConfig('wrong', [`IdentityFile ${join(server.folder, 'other-key')}`]);
    // Only that one: the right one comes after it in the configuration.
    writeFileSync(wrong, readFileSync(wrong, 'utf8').replace(/IdentityFile \S+user-key/, ''));
    await expect(openWith(wrong).stat(config)).rejects.toMatchObject({
      code: 'login-refused',
      next: 'never',
    });
    const nobody = server.clientConfig('nobody-listens', ['Port 1']);
    await expect(openWith(nobody).stat(config)).rejects.toMatchObject({
      code: 'store-unreachable',
      next: 'now',
    });
    const without = await startSshServer(false);
    await expect(openWith(without.config).stat(config)).rejects.toMatchObject({ next: expect.anything() });
    await without.stop();
  });

  it('says that ssh is not there', async () => {
    const world = backendWorld({ SLACKWATER_SSH_PROGRAM: '/nowhere/ssh' });
    await expect(openSftpBackend('host:/x', world).stat(config)).rejects.toMatchObject({
      code: 'usage',
      detail: { why: 'program-missing' },
    });
  });

  it('settles when ssh is killed in an upload, keeps what is half out of sight, and starts another', async () => {
    const folder = join(temporaryFolder('killed'), 'repository');
    const own = server.clientConfig('killed', []);
    const backend = openWith(own, folder);
    await backend.create();
    let moved = 0;
    const signal = Object.assign(new AbortController().signal, {
      onProgress: (bytes: number) => {
        moved += bytes;
        if (moved > 8_000_000 && moved - bytes <= 8_000_000)
          for (const pid of sshPids(own)) process.kill(pid, 'SIGKILL');
        return undefined;
      },
    });
    await expect(backend.save(pack, [large], signal)).rejects.toMatchObject({
      code: 'store-unreachable',
      next: 'now',
    });
    expect(moved).toBeLessThan(large.length);
    await expect(backend.stat(pack)).rejects.toMatchObject({ code: 'not-found' });
    await backend.save(pack, [large]);
    expect(large.equals(await backend.load(pack))).toBe(true);
    expect(sshPids(own)).toHaveLength(1);
    await backend.close();
    expect(sshPids(own)).toEqual([]);
  });

  it('leaves no temporary file when it is cancelled, and goes on with the same ssh', async () => {
    const folder = join(temporaryFolder('cancelled'), 'repository');
    const own = server.clientConfig('cancelled', []);
    const backend = openWith(own, folder);
    await backend.create();
    const before = sshPids(own);
    const cancel = new AbortController();
    const saving = backend.save(pack, [large], cancel.signal);
    await sleep(100);
    cancel.abort();
    await expect(saving).rejects.toMatchObject({ code: 'cancelled' });
    await expect(backend.stat(config)).rejects.toMatchObject({ code: 'not-found' });
    for (
      let tries = 0;
      tries < 500 && readdirSync(join(folder, 'data', pack.name.slice(0, 2))).length > 0;
      tries++
    )
      await sleep(10);
    expect(readdirSync(join(folder, 'data', pack.name.slice(0, 2)))).toEqual([]);
    expect(sshPids(own)).toEqual(before);
  });

  it('has the layout and the modes of restic, a group shares what its config shares', async () => {
    const folder = join(temporaryFolder('modes'), 'repository');
    const backend = openWith(server.config, folder);
    await backend.create();
    expect(readdirSync(folder).sort()).toEqual(['data', 'index', 'keys', 'locks', 'snapshots']);
    expect(readdirSync(join(folder, 'data'))).toHaveLength(256);
    await backend.save(config, [Buffer.from('config')]);
    expect(statSync(join(folder, 'config')).mode & 0o777).toBe(0o400);
    chmodSync(join(folder, 'config'), 0o440);
    await openWith(server.config, folder).save({ type: 'lock', name: 'ab'.repeat(32) }, [
      Buffer.from('lock'),
    ]);
    expect(statSync(join(folder, 'locks', 'ab'.repeat(32))).mode & 0o777).toBe(0o440);
  });

  it('never makes a repository anew that was taken away', async () => {
    const folder = join(temporaryFolder('away'), 'repository');
    const backend = openWith(server.config, folder);
    await expect(backend.save(pack, [Buffer.from('pack')])).rejects.toMatchObject({
      code: 'repository-missing',
    });
    expect(() => statSync(folder)).toThrow();
  });

  describe('its ssh', () => {
    let child: ChildProcess | undefined;
    afterAll(() => child?.kill('SIGKILL'));

    it('does not outlive us, even when we are killed', async () => {
      const own = server.clientConfig('orphan', []);
      const program = new URL('../support/hold-sftp.ts', import.meta.url).pathname;
      child = spawn(process.execPath, [program, `${sshHost}:${temporaryFolder('orphan')}`, own], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout!, 'data');
      const pid = sshPids(own)[0]!;
      expect(isAlive(pid)).toBe(true);
      child.kill('SIGKILL');
      for (let tries = 0; tries < 500 && isAlive(pid); tries++) await sleep(10);
      expect(isAlive(pid)).toBe(false);
    });
  });
});

describeWithPrograms(['df', 'mount', 'sshd'], 'SFTP on a full disk', () => {
  it.skipIf(process.getuid?.() !== 0)('says so', async () => {
    const folder = mkdtempSync(join(temporaryFolder('full'), 'disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      // A container without the right to mount: nothing can be full.
      return;
    }
    const server = await startSshServer();
    const backend = openSftpBackend(
      `${sshHost}:${folder}/repository`,
      backendWorld({ SLACKWATER_SSH_CONFIG: server.config }),
    );
    try {
      await backend.create();
      await expect(backend.save(pack, [large])).rejects.toMatchObject({ code: 'no-space', next: 'later' });
      await expect(backend.stat(pack)).rejects.toMatchObject({ code: 'not-found' });
      await backend.save({ type: 'lock', name: 'ab'.repeat(32) }, [Buffer.from('small')]);
    } finally {
      await backend.close();
      await server.stop();
      execFileSync('umount', [folder]);
    }
  });
});
