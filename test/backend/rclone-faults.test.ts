import { createHash, hash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { Backend, FileName } from '../../engine/backend/backend.ts';
import { openRcloneBackend } from '../../engine/backend/rclone.ts';
import { limits } from '../../engine/base/limits.ts';
import { argumentsOf, backendWorld, isAlive, pidsOf } from '../support/child-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { obscured, rcloneWorld } from '../support/rclone-world.ts';
import { sambaShare, startSambaServer } from '../support/samba-server.ts';
import { describeWithPrograms } from '../support/system-programs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const config: FileName = { type: 'config', name: '' };
const large = createHash('shake256', { outputLength: 64_000_000 }).update('large').digest();
const pack: FileName = { type: 'pack', name: hash('sha256', large) };
const small: FileName = { type: 'lock', name: hash('sha256', 'small') };

describeWithPeers(['rclone'], 'rclone when things go wrong', () => {
  const opened: Backend[] = [];
  afterEach(async () => {
    for (const backend of opened.splice(0)) await backend.close();
  });

  const openAt = (rest: string, world = rcloneWorld()): Backend => {
    const backend = openRcloneBackend(rest, world);
    opened.push(backend);
    return backend;
  };
  const atFolder = (): { folder: string; backend: Backend; pids: () => number[] } => {
    const folder = join(temporaryFolder('rclone'), 'repository');
    return { folder, backend: openAt(`:local:${folder}`), pids: () => pidsOf('rclone', `:local:${folder}`) };
  };

  it('says that rclone is not there, and that it knows no such remote', async () => {
    const nowhere = openAt('x:y', backendWorld({ SLACKWATER_RCLONE_PROGRAM: '/nowhere/rclone' }));
    await expect(nowhere.stat(config)).rejects.toMatchObject({
      code: 'usage',
      detail: { why: 'program-missing' },
    });
    await expect(openAt('nobody:x').stat(config)).rejects.toMatchObject({
      code: 'usage',
      detail: { why: 'rclone-remote-missing', location: 'rclone:nobody:x' },
    });
    await expect(openAt(':nosuchbackend:x').stat(config)).rejects.toMatchObject({ code: 'usage' });
  });

  it('settles when rclone is killed in an upload, and starts another', async () => {
    const { backend, pids } = atFolder();
    await backend.create();
    let moved = 0;
    const signal = Object.assign(new AbortController().signal, {
      onProgress: (bytes: number) => {
        moved += bytes;
        if (moved > 8_000_000 && moved - bytes <= 8_000_000)
          for (const pid of pids()) process.kill(pid, 'SIGKILL');
        return undefined;
      },
    });
    await expect(backend.save(pack, [large], signal)).rejects.toMatchObject({
      code: 'store-unreachable',
      next: 'now',
    });
    expect(moved).toBeLessThan(large.length);
    await backend.save(pack, [large]);
    expect(large.equals(await backend.load(pack))).toBe(true);
    expect(pids()).toHaveLength(1);
    await backend.close();
    expect(pids()).toEqual([]);
  });

  it('notices a frozen rclone, ends it and goes on with another', async () => {
    const { backend, pids } = atFolder();
    await backend.create();
    await backend.save(small, [Buffer.from('small')]);
    const pid = pids()[0]!;
    process.kill(pid, 'SIGSTOP');
    await expect(backend.stat(small)).rejects.toMatchObject({ code: 'store-unreachable', next: 'now' });
    expect(await backend.stat(small)).toBe(5);
    expect(isAlive(pid)).toBe(false);
  });

  it('is not kept by a caller who gives up while it is frozen', async () => {
    const { backend, pids } = atFolder();
    await backend.create();
    await backend.save(small, [Buffer.from('small')]);
    const pid = pids()[0]!;
    process.kill(pid, 'SIGSTOP');
    const cancel = new AbortController();
    const asked = backend.stat(small, cancel.signal);
    const failed = expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    await sleep(limits.pipeTickMs + 1_000);
    cancel.abort();
    await failed;
    expect(await backend.stat(small)).toBe(5);
    expect(pids()).not.toContain(pid);
  });

  it('cancels a call at once while rclone is frozen', async () => {
    const { backend, pids } = atFolder();
    await backend.create();
    for (const pid of pids()) process.kill(pid, 'SIGSTOP');
    const cancel = new AbortController();
    const saving = backend.save(small, [Buffer.from('small')], cancel.signal);
    await sleep(50);
    cancel.abort();
    await expect(saving).rejects.toMatchObject({ code: 'cancelled' });
    await backend.close();
    expect(pids()).toEqual([]);
  });

  it('does not believe that a file is gone, or so short, as it was when it was listed', async () => {
    const { folder, backend } = atFolder();
    await backend.create();
    const path = join(folder, 'locks', small.name);
    writeFileSync(path, 'sm');
    for await (const { sizeBytes } of backend.list('lock')) expect(sizeBytes).toBe(2);
    writeFileSync(path, 'small');
    // More than rclone announced breaks the connection; another rclone has no old picture.
    const bytes = await backend.load(small).catch((error) => {
      expect(error).toMatchObject({ code: 'store-unreachable', next: 'now' });
      return backend.load(small);
    });
    expect(Buffer.from(bytes).toString()).toBe('small');
    rmSync(path);
    await backend.remove(small);
    await expect(backend.stat(small)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('tells failure of the store from a file that is not there', async () => {
    const { folder, backend } = atFolder();
    await backend.create();
    rmSync(join(folder, 'locks'), { recursive: true });
    // Where a folder is expected there is a file: no list can be made.
    writeFileSync(join(folder, 'locks'), 'no folder');
    await expect(backend.save(small, [Buffer.from('small')])).rejects.toMatchObject({ next: 'later' });
  });
});

describeWithPrograms(['smbd'], 'rclone on Samba when things go wrong', () => {
  it('has no secret in arguments or notes, says that the login was refused, and that nobody is there', async () => {
    const server = await startSambaServer();
    const { port, user, password } = server;
    const secret = obscured(password);
    const remote = (pass: string): string =>
      `:smb,host=127.0.0.1,port=${port},user=${user},pass=${pass}:${sambaShare}/v`;
    const world = rcloneWorld({ RCLONE_LOW_LEVEL_RETRIES: '1', RCLONE_LOG_LEVEL: 'DEBUG' });
    const backend = openRcloneBackend(remote(secret), world);
    const wrong = openRcloneBackend(remote(obscured('not it')), world);
    try {
      await backend.create();
      await backend.save(small, [Buffer.from('small')]);
      const pids = pidsOf('rclone', `slackwater:${sambaShare}/v`);
      expect(pids).toHaveLength(1);
      expect(argumentsOf(pids[0]!)).not.toContain(secret);
      await expect(wrong.create()).rejects.toMatchObject({ code: 'login-refused', next: 'never' });
      await server.stop();
      const gone = await backend
        .save({ ...small, name: 'ab'.repeat(32) }, [Buffer.from('x')])
        .catch((error) => error);
      expect(gone).toMatchObject({ code: 'store-unreachable', next: 'now' });
      const said = JSON.stringify([backend.location, gone.message, gone.detail, world.told]);
      for (const word of [secret, password]) expect(said).not.toContain(word);
    } finally {
      await backend.close();
      await wrong.close();
      await server.stop();
    }
  });
});
