/**
 * One small backup in this process, through the fault proxy to the real REST server, on a clock that goes fast; and
 * whether it ended as it must. The nth-fault loop makes hundreds of them.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBackend } from '../../engine/backend/open-backend.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { fromText } from '../../engine/base/byte-string.ts';
import { isFailure } from '../../engine/base/failure.ts';
import { inlineCompute } from '../../engine/compute/inline-compute.ts';
import { runBackup } from '../../engine/job/backup.ts';
import { runCheck } from '../../engine/job/check.ts';
import { initRepository, openRepository, type World } from '../../engine/repo/repository.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { realChance } from '../../engine/worker/real-world.ts';
import { requestWith } from '../support/back-up.ts';
import type { RestServer } from '../support/rest-server.ts';
import { cheapKdfCost, testPassword } from '../support/test-repository.ts';
import { endsWithin } from './contestant.ts';
import { FaultProxy } from './proxy/fault-proxy.ts';
import { noFaults, type Plan } from './proxy/plan.ts';
import { quickClock } from './quick-clock.ts';

/** `well`: saved once. `refused`: it failed and said why, nothing was saved, and the next run saved. */
export type NthOutcome =
  | { readonly at: 'well' }
  | { readonly at: 'refused'; readonly code: string }
  | { readonly at: 'wrong'; readonly why: string };

export interface NthRun {
  readonly outcome: NthOutcome;
  /** The fault struck: without it, the loop has come to its end. */
  readonly isStruck: boolean;
  /** What was struck first. */
  readonly request: string;
}

const timesFaster = 20;
const realMsMax = 30_000;
const silent = { progress: () => {}, news: () => {} };

export class NthBackups {
  readonly #server: RestServer;
  readonly #folder: string;
  readonly #template: string;

  private constructor(server: RestServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.#template = join(folder, 'template');
  }

  /** With an earlier snapshot of other contents, so that a backup reads indexes, snapshots and trees too. */
  static async make(server: RestServer, folder: string): Promise<NthBackups> {
    const made = new NthBackups(server, folder);
    const sources = join(folder, 'sources');
    mkdirSync(join(sources, 'folder'), { recursive: true });
    writeFileSync(join(sources, 'same'), realChance.bytes(300_000));
    writeFileSync(join(sources, 'folder', 'other'), realChance.bytes(100_000));
    const world = worldOf();
    const backend = openBackend(made.#template, world);
    await initRepository(backend, testPassword, world, { kdfCost: cheapKdfCost });
    await made.#backUp(made.#template, world);
    for (let i = 0; i < 3; i++) writeFileSync(join(sources, 'folder', `new-${i}`), realChance.bytes(900_000));
    return made;
  }

  /** `look` sees the repository at the end. */
  async run(plan: Plan, look?: (repository: string) => Promise<void>): Promise<NthRun> {
    const repository = mkdtempSync(join(this.#server.folder, 'nth-'));
    cpSync(this.#template, repository, { recursive: true });
    const location = this.#server.location(`${repository.split('/').at(-1)}/`);
    const proxy = await FaultProxy.before(Number(/:(\d+)\//.exec(location)?.[1]));
    try {
      proxy.plan = plan;
      const outcome = await this.#outcome(repository, proxy, proxy.at(location));
      await look?.(repository);
      const [first] = proxy.struck;
      const request = `${first?.operation} ${first?.type ?? ''}`.trim();
      return { outcome, isStruck: first !== undefined, request };
    } finally {
      await proxy.close();
      rmSync(repository, { recursive: true, force: true });
    }
  }

  async #outcome(repository: string, proxy: FaultProxy, location: string): Promise<NthOutcome> {
    const wrong = (why: string): NthOutcome => ({ at: 'wrong', why });
    const snapshots = (): number => readdirSync(join(repository, 'snapshots')).length;
    const end = await this.#endOf(location);
    if (end === 'waits') return wrong('it goes on for ever');
    if (proxy.tally.resentBytes > 0) return wrong(`${proxy.tally.resentBytes} bytes were sent again`);
    if (proxy.tally.removedCount > 0) return wrong('it removed what was stored');
    if (end === undefined && snapshots() !== 2)
      return wrong(`says saved, and there are ${snapshots()} snapshots`);
    if (end !== undefined && snapshots() !== 1) return wrong(`says ${end}, and has saved`);
    if (end !== undefined) {
      proxy.plan = noFaults;
      const next = await this.#endOf(location);
      if (next !== undefined || snapshots() !== 2)
        return wrong(`says ${end}, and the next run does not save: ${next}`);
      if (proxy.tally.resentBytes > 0) return wrong('the next run sends again what was stored');
    }
    const damage = await damageIn(repository);
    if (damage !== undefined) return wrong(damage);
    return end === undefined ? { at: 'well' } : { at: 'refused', code: end };
  }

  /** The failure's code; undefined where it saved. */
  async #endOf(location: string): Promise<string | undefined> {
    const world = worldOf();
    const stop = new AbortController();
    const running = this.#backUp(location, world, stop.signal).then(
      () => undefined,
      (error: unknown) => (isFailure(error) ? error.code : `a mistake: ${String((error as Error).stack)}`),
    );
    if (await endsWithin(running, realMsMax)) return await running;
    stop.abort();
    return 'waits';
  }

  async #backUp(location: string, world: World, signal = new AbortController().signal): Promise<void> {
    const backend = openBackend(location, world, {}, new StoreLine());
    try {
      const repository = await openRepository(backend, testPassword, world);
      const targets = [fromText(join(this.#folder, 'sources'))];
      await runBackup(repository, realFiles, requestWith({ targets }), silent, signal);
    } finally {
      await backend.close();
    }
  }
}

function worldOf(): World {
  const host = { hostname: 'testhost', username: 'tester', uid: 1000, gid: 1000, pid: process.pid };
  const clock = quickClock(timesFaster);
  const compute = inlineCompute({ chance: realChance, clock, files: realFiles });
  return { clock, chance: realChance, log: { warn() {}, note() {} }, host, compute };
}

/** By our own check, every byte read; real restic looks at the last one of each loop. */
async function damageIn(folder: string): Promise<string | undefined> {
  const world = worldOf();
  const repository = await openRepository(openBackend(folder, world), testPassword, world);
  const found: string[] = [];
  const listener = { finding: (finding: unknown) => void found.push(JSON.stringify(finding)), progress() {} };
  const request = { readData: { read: 'all' } as const, noLock: true, lockRetryMs: 0 };
  const { errors } = await runCheck(repository, request, listener, new AbortController().signal);
  return errors === 0 ? undefined : found.join('; ').slice(0, 300);
}
