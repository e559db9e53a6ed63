import { afterAll, beforeAll, expect, it } from 'vitest';
import { configFile } from '../../engine/backend/backend.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { Failure } from '../../engine/base/failure.ts';
import type { RunMemory } from '../../engine/job/run-memory.ts';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';
import { Gates } from '../../engine/worker/gates.ts';
import { Networks } from '../../engine/worker/networks.ts';
import {
  dropCommit,
  fatesOf,
  finishCommits,
  viewLateLooks,
  viewPending,
} from '../../engine/worker/pending-answers.ts';
import { CutWorld, makeSources, removeSources } from '../job/cut-world.ts';
import { turning } from '../support/back-up.ts';
import { memoryOfRuns } from '../support/memory-journal.ts';
import { probedBackend } from './probed-backend.ts';

const location = 'rest:http://127.0.0.1:9/';
let sources: string;
beforeAll(() => {
  sources = makeSources();
});
afterAll(() => removeSources(sources));

interface Sealed {
  readonly world: CutWorld;
  readonly memory: RunMemory;
  readonly news: EngineNews[];
  readonly gates: Gates;
  finish(now: boolean, signal?: AbortSignal): Promise<{ finished: number }>;
}

/** A run that is sealed and whose process is dead; `isPortal`: something else answers in the store's place. */
async function sealed(isPortal: boolean, kind?: 'lossy'): Promise<Sealed> {
  const world = await CutWorld.make(sources);
  await world.runCutAt('indexStored');
  const memory = memoryOfRuns(world.journal, world.spool);
  const news: EngineNews[] = [];
  const tell = (each: EngineNews): void => void news.push(each);
  const portal = async () => new TextEncoder().encode('<html>Log in, please</html>'.repeat(9));
  let probes = 0;
  const ours = async () => {
    // Three lost in a row would be no network at all.
    if (kind === 'lossy' && probes++ % 2 === 0) throw new Failure('store-unreachable', {}, { next: 'now' });
    return await world.backend.load(configFile);
  };
  const networks = new Networks(world.repository.world, tell, probedBackend(isPortal ? portal : ours));
  const gates = new Gates(networks, tell);
  const access = { location, password: 'x' };
  const finish = (now: boolean, signal = new AbortController().signal) => {
    const asked = { runId: now ? 'now' : 'later', access, line: new StoreLine(), now };
    return finishCommits(memory, world.repository, gates, asked, tell, signal);
  };
  return { world, memory, news, gates, finish };
}

it('what waits is listed with all that a person wants to know, and finished when its gate opens', async () => {
  const { world, memory, news, finish } = await sealed(false);
  const [waits, ...others] = viewPending(memory);
  expect(others).toEqual([]);
  expect(waits).toMatchObject({ sources: [sources], attempts: 0, unsentBytes: 0, errors: 0 });
  expect(await turning(world.repository, finish(false))).toEqual({ finished: 1 });
  expect(viewPending(memory)).toEqual([]);
  await world.expectOneGoodSnapshot();
  const looks = news.flatMap((each) => (each.type === 'gate' ? [each] : []));
  expect(looks[0]).toMatchObject({ runId: 'later', gate: { at: 'closed', because: 'too-few-samples' } });
  expect(looks.at(-1)).toMatchObject({ gate: { at: 'open', because: 'good', network: 'good' } });
  const samples = news.filter(({ type }) => type === 'network');
  expect(samples.length).toBeGreaterThanOrEqual(3);
  expect(fatesOf(memory, [waits!.id, 'f'.repeat(32)])).toEqual([
    { id: waits!.id, at: 'finished' },
    { id: 'f'.repeat(32), at: 'unknown' },
  ]);
});

it('finish now opens the gate of those who wait already, but never to somebody else than the store', async () => {
  const { world, memory, news, gates, finish } = await sealed(true);
  const stop = new AbortController();
  const waits = finish(false, stop.signal);
  const { clock } = world.repository.world;
  const because = () => news.flatMap((each) => (each.type === 'gate' ? [each.gate.because] : [])).at(-1);
  for (let tries = 0; tries < 2_000 && because() !== 'portal'; tries++) await clock.advance(100);
  expect(because()).toBe('portal');
  gates.finishNow(location);
  // Who waits works on the run: another call finds nothing free and does not wait.
  expect(await turning(world.repository, finish(true))).toEqual({ finished: 0 });
  expect(viewPending(memory)).toHaveLength(1);
  stop.abort();
  await expect(turning(world.repository, waits)).rejects.toBeDefined();
  expect(viewPending(memory)).toMatchObject([{ attempts: 0 }]);
});

it('finish now makes those who wait go on where there is a network', async () => {
  const { world, memory, news, gates, finish } = await sealed(false);
  const waits = finish(false);
  for (let tries = 0; tries < 2_000 && news.length === 0; tries++)
    await world.repository.world.clock.advance(0);
  gates.finishNow('rest:http://127.0.0.1:10/');
  gates.finishNow(location);
  expect(await turning(world.repository, waits)).toEqual({ finished: 1 });
  expect(news.findLast(({ type }) => type === 'gate')).toMatchObject({ gate: { because: 'asked' } });
  expect(viewPending(memory)).toEqual([]);
});

it('the longest wait may be made shorter while something waits; then a weak network has to do', async () => {
  const { world, news, gates, finish } = await sealed(false, 'lossy');
  const { clock } = world.repository.world;
  const waits = finish(false);
  const last = () => news.findLast((each) => each.type === 'gate')?.gate;
  for (let tries = 0; tries < 2_000 && last()?.because !== 'failures'; tries++) await clock.advance(100);
  expect(last()).toMatchObject({ at: 'closed', because: 'failures', network: 'weak' });
  gates.waitMsMax = 1_000;
  expect(await turning(world.repository, waits)).toEqual({ finished: 1 });
  expect(last()).toMatchObject({ at: 'open', because: 'waited-long' });
});

it('what is dropped is gone, and nothing of it is in the vault', async () => {
  const { world, memory } = await sealed(false);
  const id = viewPending(memory)[0]!.id;
  await dropCommit(memory, id, world.repository.world);
  expect(viewPending(memory)).toEqual([]);
  expect(fatesOf(memory, [id])).toEqual([{ id, at: 'given-up' }]);
  expect([...world.backend.files.keys()].filter((key) => key.startsWith('snapshot/'))).toEqual([]);
  await expect(dropCommit(memory, id, world.repository.world)).rejects.toMatchObject({ code: 'not-found' });
});

it('snapshots that are due are looked at once more, and what has lost something is known without asking the store', async () => {
  const { world, memory, news, finish } = await sealed(false);
  await turning(world.repository, finish(false));
  const { world: around, config } = world.repository;
  const view = () => viewLateLooks(memory, [config.id], around)[0];
  expect(view()).toEqual({ repositoryId: config.id, isDue: false, incomplete: [] });
  await around.clock.advance(24 * 3_600_000);
  expect(view()).toMatchObject({ isDue: true, incomplete: [] });
  world.backend.files.delete(world.packsInStore()[0]!);
  expect(await turning(world.repository, finish(false))).toEqual({ finished: 0 });
  expect(view()).toMatchObject({
    isDue: false,
    incomplete: [{ snapshotId: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  });
  const warned = news.flatMap((each) => (each.type === 'note' ? [each] : []));
  expect(warned).toMatchObject([
    { level: 'warn', sentence: expect.stringMatching(/^snapshot .* lacks \d+ blobs/) },
  ]);
});
