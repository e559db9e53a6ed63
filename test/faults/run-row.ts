/** Runs one row against one contestant, to its end and once more without the fault, and says what became of it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRestServer } from '../support/rest-server.ts';
import { runRestic } from '../support/restic.ts';
import { type ContestantName, endsWithin, type Running, start, stop } from './contestant.ts';
import { type Place, password } from './place.ts';
import { FaultProxy } from './proxy/fault-proxy.ts';
import { noFaults } from './proxy/plan.ts';
import type { Row, Stage } from './row.ts';

export interface Outcome {
  /** Null: it did not end by itself in the row's time, nor in order when it was told to. */
  readonly code: number | null;
  readonly isOwnEnd: boolean;
  readonly tookMs: number;
  readonly said: string;
  /** Snapshots that real restic finds after the run. */
  readonly snapshots: number;
  /** What was wrong with the repository, in the words of `restic check`. */
  readonly damage?: string;
  /** Bytes that the store had taken, and that were sent again by this run. */
  readonly resentBytes: number;
  readonly removed: number;
  /** How long until a struck request was made again. */
  readonly noticedMs?: number;
  readonly complaint?: string;
  /** The next run, made where this one saved nothing, or was killed before it could say so. */
  readonly again?: {
    readonly code: number | null;
    readonly said: string;
    readonly snapshots: number;
    readonly snapshotsOwed: number;
    readonly resentBytes: number;
    readonly locks: number;
    readonly damage?: string;
  };
}

const stopMsMax = 30_000;
const againMsMax = 120_000;
const msMaxDefault = 60_000;

/** `dataBytes`: what a run without a fault sends as packs; unknown for the first row. */
export async function runRow(
  row: Row,
  name: ContestantName,
  place: Place,
  dataBytes?: number,
): Promise<Outcome> {
  const home = mkdtempSync(join(place.folder, `${row.name}-${name}-`));
  const server = await startRestServer(row.server);
  const proxy = await FaultProxy.before(Number(/:(\d+)\//.exec(server.location())?.[1]));
  const repository = row.isRclone ? join(home, 'repository') : join(server.folder, 'repository');
  try {
    place.copyRepository(repository);
    const location = row.isRclone ? `rclone::local:${repository}` : proxy.at(server.location('repository/'));
    const args = [...(row.args ?? []), 'backup', place.sources];
    const own = name === 'restic' ? (row.resticArgs ?? []) : [];
    const backUp = (): Running => start(name, [...own, ...args], location, home, row);
    proxy.plan = row.plan?.() ?? noFaults;
    const beganMs = performance.now();
    const running = backUp();
    const stage: Stage = { name, repository, running, server, proxy };
    const during = row.during?.(stage);
    // What waits for ever is stopped some time after the fault, however long the way to it was.
    if (row.owed === 'waits') await strikes(proxy, running);
    const isOwnEnd = await endsWithin(running.ended, row.msMax ?? msMaxDefault);
    const tookMs = performance.now() - beganMs;
    const isOrderly = isOwnEnd || (await stop(running, stopMsMax));
    await during;
    const code = await running.ended;
    proxy.plan = noFaults;
    const { tally } = proxy;
    const resent = (): number =>
      tally.resentBytes +
      Math.max(0, tally.storedBytes('pack') - 1.01 * (dataBytes ?? Number.POSITIVE_INFINITY));
    const resentBytes = resent();
    const outcome = {
      code: isOrderly ? code : null,
      isOwnEnd,
      tookMs,
      said: running.said(),
      ...(await stateOf(repository)),
      resentBytes,
      removed: tally.removedCount,
      ...noticedIn(stage),
      ...complaintOf(row.alsoOwed?.(stage)),
    };
    if (outcome.snapshots > 0 && row.owed !== 'killed') return outcome;
    const pending = name === 'ours' ? await pendingCount(location, home) : 0;
    const next = backUp();
    const hasEnded = await endsWithin(next.ended, againMsMax);
    if (!hasEnded) await stop(next, stopMsMax);
    const again = {
      code: await next.ended,
      said: next.said(),
      // What was sealed is finished first, under its own name.
      snapshotsOwed: Math.max(outcome.snapshots, pending) + 1,
      ...(await stateOf(repository)),
      resentBytes: resent() - resentBytes,
    };
    return { ...outcome, again };
  } finally {
    await proxy.close();
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** How many commits wait on this machine. */
async function pendingCount(location: string, home: string): Promise<number> {
  const listing = start('ours', ['pending', '--json'], location, home);
  await listing.ended;
  return (JSON.parse(listing.said()) as unknown[]).length;
}

async function strikes(proxy: FaultProxy, { ended }: Running): Promise<void> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (let tries = 0; tries < 1_200 && !isOver && proxy.struck.length === 0; tries++) await sleep(100);
}

/** Seen by real restic, past the server. */
async function stateOf(repo: string): Promise<{ snapshots: number; locks: number; damage?: string }> {
  const listed = await runRestic(['snapshots', '--json', '--no-lock'], { repo, password });
  const locks = readdirSync(join(repo, 'locks')).length;
  const check = await runRestic(['check', '--no-lock'], { repo, password });
  return {
    snapshots: listed.json<unknown[]>().length,
    locks,
    ...(check.code === 0 ? {} : { damage: check.stderr.trim().split('\n').slice(0, 2).join('; ') }),
  };
}

/** By the next request of any kind about the same file. */
function noticedIn({ proxy }: Stage): { noticedMs?: number } {
  const struck = proxy.struck.find(({ fault }) => fault?.do === 'black-hole');
  const next = proxy.history.find(
    ({ number, name }) => struck && number > struck.number && name === struck.name,
  );
  return struck === undefined || next === undefined ? {} : { noticedMs: next.atMs - struck.atMs };
}

function complaintOf(complaint: string | undefined): { complaint?: string } {
  return complaint === undefined ? {} : { complaint };
}
