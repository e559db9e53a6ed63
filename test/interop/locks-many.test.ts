/** Fifteen plans of three machines fall due at one minute, in one vault behind rclone: none fails, none is lost. */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Backend, FileName } from '../../engine/backend/backend.ts';
import { openBackend } from '../../engine/backend/open-backend.ts';
import { fromText } from '../../engine/base/byte-string.ts';
import { silentLog } from '../../engine/base/log.ts';
import { runBackup } from '../../engine/job/backup.ts';
import { backUpInTurn } from '../../engine/job/vault-queue.ts';
import { openLockMemory } from '../../engine/journal/sqlite-lock-memory.ts';
import { openRepository, type Repository } from '../../engine/repo/repository.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import {
  hostFacts,
  lookAtProcess,
  realChance,
  realClock,
  realCompute,
} from '../../engine/worker/real-world.ts';
import { requestWith } from '../support/back-up.ts';
import { seededChance } from '../support/fixed-world.ts';
import { laggingBackend } from '../support/lagging-listings.ts';
import { compareFolders } from '../support/oracle.ts';
import { describeWithPeers } from '../support/peers.ts';
import { obscured, rcloneWorld } from '../support/rclone-world.ts';
import { runRestic } from '../support/restic.ts';
import { type SambaServer, sambaShare, startSambaServer } from '../support/samba-server.ts';
import { describeWithPrograms } from '../support/system-programs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testPassword } from '../support/test-repository.ts';

const machines = 3;
const plans = 5;
const lagMs = 1_000;
const minuteMs = 60_000;

/** What one removes, all see listed for a while: the lag is the store's. */
class LaggingStore {
  readonly lagMs = lagMs;
  readonly removed: { name: string; size: number; atMs: number }[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  behind(backend: Backend): Backend {
    const lagging = laggingBackend(backend, this.#folder, this);
    const remove = async (file: FileName, ...others: []): Promise<void> => {
      await backend.remove(file, ...others);
      if (file.type === 'lock') this.removed.push({ name: file.name, size: 200, atMs: Date.now() });
    };
    return Object.create(lagging, { remove: { value: remove } });
  }
}

interface Vault {
  /** On our disk. */
  readonly folder: string;
  /** As rclone reaches it. */
  readonly location: string;
}

const backends: Backend[] = [];
afterEach(async () => {
  for (const backend of backends.splice(0)) await backend.close();
});

/** One machine: its own rclone, its own memory of locks, its own name. */
async function machine(vault: Vault, store: LaggingStore | undefined, at: number): Promise<Repository> {
  const { access } = rcloneWorld();
  const parts = { clock: realClock, chance: realChance, log: silentLog };
  const backend = openBackend(vault.location, parts, access);
  backends.push(backend);
  const world = {
    ...parts,
    host: { ...hostFacts(), hostname: `machine-${at}` },
    compute: realCompute(),
    locks: openLockMemory(temporaryFolder('many-memory'), silentLog),
    lookAtProcess,
  };
  return await openRepository(store?.behind(backend) ?? backend, testPassword, world);
}

async function backUpPlan(repository: Repository, source: string, name: string): Promise<void> {
  const request = requestWith({ targets: [fromText(source)], tags: [name], lockRetryMs: 5 * minuteMs });
  const listener = { progress: () => undefined, news: () => undefined };
  const { signal } = new AbortController();
  await backUpInTurn(repository, name, signal, () =>
    runBackup(repository, realFiles, request, listener, signal),
  );
}

async function allAtOnce(vault: Vault, store: LaggingStore | undefined): Promise<void> {
  const restic = (...args: string[]) =>
    runRestic(args, { repo: vault.folder, password: testPassword.reveal() });
  expect((await restic('init')).code).toBe(0);
  const sources = temporaryFolder('many-sources');
  const runs: Promise<void>[] = [];
  for (let at = 0; at < machines; at++) {
    const repository = await machine(vault, store, at);
    for (let plan = 0; plan < plans; plan++) {
      const name = `plan-${at}-${plan}`;
      mkdirSync(join(sources, name));
      for (const file of ['a', 'b'])
        writeFileSync(join(sources, name, file), seededChance(name + file).bytes(200_000));
      runs.push(backUpPlan(repository, join(sources, name), name));
    }
  }
  const ended = await Promise.allSettled(runs);
  expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(readdirSync(join(vault.folder, 'snapshots'))).toHaveLength(machines * plans);
  expect(readdirSync(join(vault.folder, 'locks'))).toEqual([]);
  expect((await restic('check', '--read-data')).code).toBe(0);
  const target = temporaryFolder('many-target');
  for (const name of ['plan-0-0', `plan-${machines - 1}-${plans - 1}`])
    expect((await restic('restore', 'latest', '--tag', name, '--target', target)).code).toBe(0);
  expect(compareFolders(join(sources, 'plan-0-0'), join(target, sources, 'plan-0-0'))).toEqual([]);
}

describeWithPeers(['restic', 'rclone'], 'fifteen plans at one minute', () => {
  it('through rclone on a folder whose lists of locks lag', { timeout: 10 * minuteMs }, async () => {
    const folder = join(temporaryFolder('many'), 'repo');
    await allAtOnce({ folder, location: `rclone:${folder}` }, new LaggingStore(folder));
  });

  describeWithPrograms(['smbd'], 'on Samba', () => {
    let server: SambaServer | undefined;
    afterEach(async () => {
      await server?.stop();
    });

    it('through rclone, three clients', { timeout: 10 * minuteMs }, async () => {
      server = await startSambaServer();
      const { port, user, password } = server;
      const folder = mkdtempSync(join(server.folder, 'vault-'));
      const login = `host=127.0.0.1,port=${port},user=${user},pass=${obscured(password)}`;
      const location = `rclone::smb,${login}:${sambaShare}/${basename(folder)}`;
      await allAtOnce({ folder, location }, undefined);
    });
  });
});
