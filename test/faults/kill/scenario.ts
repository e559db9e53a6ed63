/**
 * One kill: our program backs up to a real rest-server and is killed; what it left is finished by another process. Then
 * there is one snapshot, restic finds nothing wrong, no acknowledged pack was sent again; and where the run was sealed,
 * its sources were not even there any more.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openJournal } from '../../../engine/journal/sqlite-journal.ts';
import { seededChance } from '../../support/fixed-world.ts';
import { type RestServer, startRestServer } from '../../support/rest-server.ts';
import { runRestic } from '../../support/restic.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';

const program = fileURLToPath(new URL('../../../engine/cli/main.ts', import.meta.url));
const preload = fileURLToPath(new URL('./die-at-commit.ts', import.meta.url));
const password = 'correct horse';

export type Cut =
  /** At the n-th transaction of the journal. */
  | { readonly at: 'step'; readonly step: number; readonly when: 'before' | 'after' }
  /**
   * So long after its first write, of its lock: before that it has made nothing that could be left over, and it takes
   * most of a short run's time to start and to derive the key.
   */
  | { readonly at: 'time'; readonly ms: number }
  /** Not at all. */
  | { readonly at: 'never' };

export interface Outcome {
  /** False where the program had ended before it could be killed. */
  readonly wasKilled: boolean;
  /** How long it went on after its first write. */
  readonly ranMs: number;
  /** In the journal; where that knows of no run, either none had begun or its snapshot was saved already. */
  readonly left: 'not begun' | 'open' | 'sealed' | 'saved';
  /** Empty where all is as it must be. */
  readonly wrong: readonly string[];
  /** Bytes of packs that were in the store before their name was sent again. */
  readonly bytesAgain: number;
}

export class KillWorld {
  readonly #folder: string;
  readonly #server: RestServer;
  readonly #proxy: CountingProxy;

  private constructor(folder: string, server: RestServer, proxy: CountingProxy) {
    this.#folder = folder;
    this.#server = server;
    this.#proxy = proxy;
  }

  static async make(folder: string): Promise<KillWorld> {
    const server = await startRestServer();
    const port = Number(/:(\d+)\//.exec(server.location())?.[1]);
    const world = new KillWorld(folder, server, await startCountingProxy(port));
    mkdirSync(world.#path('source'), { recursive: true });
    for (let i = 0; i < 24; i++)
      writeFileSync(world.#path('source', `${i}`), seededChance(`kill ${i}`).bytes(1_000_000));
    await world.#end(world.#start(['init']));
    cpSync(world.#repository, world.#path('fresh'), { recursive: true });
    return world;
  }

  async close(): Promise<void> {
    await this.#proxy.close();
    await this.#server.close();
  }

  async run(cut: Cut): Promise<Outcome> {
    for (const path of [this.#repository, this.#path('data')]) rmSync(path, { recursive: true, force: true });
    cpSync(this.#path('fresh'), this.#repository, { recursive: true });
    this.#proxy.forget();
    const cutRun = await this.#cutRun(cut);
    const left = this.#left();
    const wrong: string[] = [];
    if (!cutRun.wasKilled && left !== 'saved') wrong.push('it ended by itself and has saved nothing');
    if (left === 'sealed') {
      // Whoever reads a source now finds none.
      renameSync(this.#path('source'), this.#path('away'));
      wrong.push(...(await this.#end(this.#start(['pending', 'finish']))));
      renameSync(this.#path('away'), this.#path('source'));
    } else if (left !== 'saved') {
      wrong.push(...(await this.#end(this.#start(this.#backup))));
    } else {
      // All was done but the giving back of the lock: whatever of ours comes next removes it.
      wrong.push(...(await this.#end(this.#start(['unlock']))));
    }
    if (this.#snapshots() !== 1) wrong.push(`there are ${this.#snapshots()} snapshots`);
    if (this.#left() !== 'saved') wrong.push(`what was resumed is ${this.#left()}`);
    const { bytesAgain } = this.#proxy;
    if (bytesAgain > 0) wrong.push(`${bytesAgain} acknowledged bytes were sent again`);
    const checked = await runRestic(['check', '--read-data'], { repo: this.#repository, password });
    if (checked.code !== 0) wrong.push(`restic check: ${checked.stderr.slice(0, 500)}`);
    return { ...cutRun, left, wrong, bytesAgain };
  }

  readonly #backup = ['backup', '--no-scan', '--pack-size', '4', '--quiet', 'source'];

  async #cutRun(cut: Cut): Promise<Pick<Outcome, 'wasKilled' | 'ranMs'>> {
    const failpoint = cut.at === 'step' ? { FAILPOINT: `${cut.step}`, FAILPOINT_WHEN: cut.when } : {};
    const child = this.#start(this.#backup, failpoint);
    const ended = once(child, 'exit');
    await Promise.race([this.#proxy.firstWrite, ended]);
    const startMs = performance.now();
    const kill = cut.at === 'time' ? setTimeout(() => child.kill('SIGKILL'), cut.ms) : undefined;
    await ended;
    clearTimeout(kill);
    return { wasKilled: child.signalCode === 'SIGKILL', ranMs: performance.now() - startMs };
  }

  #start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const kept = Object.entries(process.env).filter(([name]) => !/^(SLACKWATER|RESTIC)_/.test(name));
    return spawn(process.execPath, ['--import', preload, program, ...args], {
      cwd: this.#folder,
      env: {
        ...Object.fromEntries(kept),
        SLACKWATER_DATA_DIR: this.#path('data'),
        SLACKWATER_REPOSITORY: `rest:http://127.0.0.1:${this.#proxy.port}/r/`,
        SLACKWATER_PASSWORD: password,
        ...environment,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** What it complained of, where it did not end well. */
  async #end(child: ChildProcess): Promise<string[]> {
    let complaint = '';
    child.stderr?.on('data', (piece: Buffer) => {
      complaint = (complaint + piece.toString()).slice(-1_000);
    });
    await once(child, 'close');
    return child.exitCode === 0 ? [] : [`it ended with ${child.exitCode}: ${complaint}`];
  }

  #left(): Outcome['left'] {
    const journal = openJournal(this.#path('data', 'journal'), { elapsedMs: () => 0 });
    const [run] = journal.openRuns();
    journal.close();
    if (run !== undefined) return run.seal === undefined ? 'open' : 'sealed';
    return this.#snapshots() === 0 ? 'not begun' : 'saved';
  }

  #snapshots(): number {
    return readdirSync(join(this.#repository, 'snapshots')).length;
  }

  get #repository(): string {
    return join(this.#server.folder, 'r');
  }

  #path(...parts: readonly string[]): string {
    return join(this.#folder, ...parts);
  }
}
