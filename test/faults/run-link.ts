/**
 * The upload over a long link, for `npm run faults -- --link`: restic with its defaults and ours, one after the other in
 * pairs, through the same kind of link to the same server. Prints each time and the ratio of the medians.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../bench/table.ts';
import { startRestServer } from '../support/rest-server.ts';
import { type ContestantName, endsWithin, install, start, stop } from './contestant.ts';
import { makePlace, type Place } from './place.ts';
import { slowLink } from './proxy/slow-link.ts';
import { seconds } from './table.ts';

const roundTripMs = 150;
const size = { largeFiles: 50, largeBytes: 4_000_000, smallFiles: 0 };
const ratioMax = 0.7;
const pairs = 5;
const msMax = 300_000;

/** Answers whether the ratio is met. */
export async function runLink(folder: string, say: (text: string) => void): Promise<boolean> {
  const place = await makePlace(folder, size);
  const installed = install(folder);
  const took: Record<ContestantName, number[]> = { ours: [], restic: [] };
  for (let pair = 1; pair <= pairs; pair++) {
    for (const name of pair % 2 === 1 ? (['restic', 'ours'] as const) : (['ours', 'restic'] as const)) {
      const ms = await upload(name, place, installed);
      took[name].push(ms);
      say(`pair ${pair}, ${name}: ${seconds(ms)}\n`);
    }
  }
  const [ours, restic] = [median(took.ours), median(took.restic)];
  const isMet = ours / restic <= ratioMax;
  say(
    `\n${(size.largeFiles * size.largeBytes) / 1e6} MB over ${roundTripMs} ms round trip: restic ${seconds(restic)}, ours ${seconds(ours)}, ` +
      `ratio ${(ours / restic).toFixed(2)} (at most ${ratioMax}): ${isMet ? 'met' : 'MISSED'}\n`,
  );
  return isMet;
}

async function upload(name: ContestantName, place: Place, installed: string): Promise<number> {
  const home = mkdtempSync(join(place.folder, 'link-'));
  const server = await startRestServer();
  const link = await slowLink(Number(/:(\d+)\//.exec(server.location())?.[1]), { roundTripMs });
  try {
    place.copyRepository(join(server.folder, 'repository'));
    const beganMs = performance.now();
    const running = start(name, ['backup', place.sources], link.at(server.location('repository/')), home, {
      installed,
    });
    if (!(await endsWithin(running.ended, msMax))) await stop(running, 10_000);
    const code = await running.ended;
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${running.said().slice(-1_000)}`);
    return performance.now() - beganMs;
  } finally {
    await link.close();
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}
