/** What is done to processes while a backup runs: freezing the server or rclone, putting the program to
 * sleep, killing it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { pidsOf } from '../support/child-world.ts';
import { runRestic } from '../support/restic.ts';
import { password } from './place.ts';
import { type Match, of } from './proxy/plan.ts';
import type { SeenRequest } from './proxy/seen-request.ts';
import type { Stage } from './row.ts';

/** Stops the server when the nth such request comes, before it sees any of it. */
export async function freezeServer(
  { proxy, server, running }: Stage,
  match: Match,
  n: number,
  ms: number,
): Promise<void> {
  if (!(await comes(proxy, match, n, running.ended, () => process.kill(server.pid, 'SIGSTOP')))) return;
  await sleep(ms);
  process.kill(server.pid, 'SIGCONT');
}

/** Ends the program, with no word to it, when the nth such request comes. */
export async function killAt({ proxy, running }: Stage, match: Match, n: number): Promise<void> {
  await comes(proxy, match, n, running.ended, () => running.child.kill('SIGKILL'));
}

/** Stopped as the third pack is sent, or once it stands in the store, mostly before we are told so. */
export async function sleepDuringUpload(
  { proxy, repository, running }: Stage,
  others: 'alone' | 'pruned',
  stoppedMs = 1_000,
  since: 'sent' | 'taken' = 'sent',
): Promise<void> {
  const { child, ended } = running;
  const stop = (): boolean => child.kill('SIGSTOP');
  const sent = await comes(proxy, of('save', 'pack'), 3, ended, since === 'sent' ? stop : undefined);
  if (sent === undefined) return;
  if (since === 'taken') {
    const file = join(repository, 'data', sent.name.slice(0, 2), sent.name);
    for (let looks = 0; looks < 100_000 && !existsSync(file); looks++) await nextTurn();
    stop();
  }
  await sleep(stoppedMs);
  if (others === 'pruned') {
    for (const args of [
      ['unlock', '--remove-all'],
      ['prune', '--max-unused', '0'],
    ]) {
      const { code, stderr } = await runRestic(args, { repo: repository, password });
      if (code !== 0) throw new Error(`restic ${args.join(' ')}: ${stderr}`);
    }
  }
  child.kill('SIGCONT');
}

/** Stops the rclone process behind it, once packs have come, for as long as the backup goes on. */
export async function freezeRclone({ repository, running }: Stage): Promise<void> {
  let isOver = false;
  void running.ended.then(() => {
    isOver = true;
  });
  for (let tries = 0; tries < 3_000 && !isOver && packsIn(repository) < 1; tries++) await sleep(5);
  const [pid] = pidsOf('rclone', `:local:${repository}`);
  if (pid === undefined) return;
  process.kill(pid, 'SIGSTOP');
  await running.ended;
  // What is frozen does not end by itself; one that was replaced is gone.
  for (const left of pidsOf('rclone', `:local:${repository}`)) process.kill(left, 'SIGKILL');
}

/** Resolves with it once it came; with nothing where the run ended before. */
async function comes(
  proxy: Stage['proxy'],
  match: Match,
  n: number,
  ended: Promise<unknown>,
  then: () => void = () => undefined,
): Promise<SeenRequest | undefined> {
  let count = 0;
  const came = new Promise<SeenRequest>((resolve) => {
    proxy.onRequest = (seen) => {
      if (!match(seen) || ++count !== n) return;
      then();
      resolve(seen);
    };
  });
  return await Promise.race([came, ended.then(() => undefined)]);
}

function packsIn(repository: string): number {
  return readdirSync(join(repository, 'data'), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name),
  ).length;
}
