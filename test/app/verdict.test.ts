import { expect, test } from 'vitest';
import { speak } from '../../electron/app/text/speak.ts';
import { firstRuns, type Judged, judge } from '../../electron/app/verdict.ts';
import type { PlanView, RunOutcome, RunRecord, VaultView } from '../../engine/protocol/app-state.ts';
import type { GateView } from '../../engine/protocol/gate-view.ts';
import type { RunPhase } from '../../engine/protocol/run-news.ts';
import { planOf, vaultA } from './app-world.ts';

const nowMs = Date.UTC(2026, 4, 6, 12, 0);
const dayMs = 86_400_000;
const minuteMs = 60_000;

function recordOf(outcome: RunOutcome, startedMs = nowMs - minuteMs): RunRecord {
  const named = { id: 'r', planId: 'a', planName: 'Plan a', cause: 'manual' as const };
  return { ...named, startedMs, endedMs: startedMs + 1, outcome, itemErrors: [] };
}
const saved = (errors = 0): RunOutcome => ({ at: 'saved', snapshotId: 'ab', errors });
const failed = (code: string): RunOutcome => ({ at: 'failed', failure: { code, detail: {} } });
const view = (change: Partial<PlanView> = {}): PlanView => ({
  plan: planOf('a'),
  activity: { at: 'idle' },
  ...change,
});
const good = (change: Partial<PlanView> = {}) =>
  view({ lastGoodMs: nowMs - minuteMs, lastRun: recordOf(saved()), ...change });
const running = (phase: RunPhase, bytes = {}) => {
  const progress = { phase, filesDone: 0, bytesRead: 0, bytesStored: 0, errors: 0, ...bytes };
  return { at: 'running' as const, runId: 'r', sinceMs: nowMs, progress };
};
const weak: GateView = {
  ...{ at: 'closed', because: 'slow-answers', network: 'weak' },
  ...{ roundTripMs: 480, lossPercent: 6, nextLookMs: nowMs + 20_000 },
};
const queued = { at: 'queued' as const, sinceMs: nowMs };
const vault = (change: Partial<VaultView> = {}): VaultView => ({
  vault: vaultA,
  status: { at: 'unknown' },
  ...change,
});
const trouble = (code: string): VaultView['status'] => ({
  at: 'trouble',
  checkedMs: nowMs,
  failure: { code, detail: {} },
});
const world = (change: Partial<Judged>): Judged => ({
  ...{ nowMs, engine: { at: 'ready' }, plans: [good()], vaults: [vault()], freshDays: 3 },
  firstRunMs: new Map(),
  ...change,
});
const old = nowMs - 4 * dayMs;
const lost = { snapshotId: 'ab'.repeat(32), committedMs: nowMs - dayMs, missingBlobs: 3 };

test.each<[string, Partial<Judged>, string, string, string]>([
  ['all is well', {}, 'protected', 'protected', 'Last restore point today 11:59.'],
  [
    'the weakest speaks',
    { plans: [good(), good({ lastGoodMs: nowMs - dayMs })] },
    'protected',
    'protected',
    'All 2 backup sets have a restore point from yesterday 12:00',
  ],
  ['nothing set', { plans: [], vaults: [] }, 'attention', 'empty', 'Choose what to protect'],
  ['not yet run', { plans: [view()] }, 'attention', 'neverRun', 'has not been backed up yet'],
  [
    'scanning',
    { plans: [good({ activity: running('scanning') })] },
    'working',
    'working',
    'Backing up “Plan a”.',
  ],
  [
    'never whole',
    { plans: [good({ activity: running('uploading', { bytesRead: 10, bytesTotal: 10 }) })] },
    'working',
    'working',
    '99 % read',
  ],
  [
    'several',
    { plans: [good({ activity: running('scanning') }), good({ activity: running('scanning') })] },
    'working',
    'working',
    'and one more',
  ],
  [
    'committing',
    { plans: [good({ activity: running('committing') })] },
    'finishing',
    'finishing',
    'verified',
  ],
  [
    'commit waits',
    { plans: [good({ activity: running('waiting') })] },
    'waiting',
    'waitingCommit',
    'sealed on this computer and waits for a calm network',
  ],
  [
    'commit waits after its run, with what was measured',
    { plans: [good({ activity: { at: 'waiting', sinceMs: 0, gate: weak } })] },
    'waiting',
    'waitingCommit',
    'latency 480 ms, 6 % of probes lost, next look in 20 s.',
  ],
  [
    'commit waits for something that needs words',
    {
      plans: [
        good({
          activity: { at: 'waiting', sinceMs: 0, gate: { ...weak, because: 'portal', lossPercent: 0 } },
        }),
      ],
    },
    'waiting',
    'waitingCommit',
    'something else answers, perhaps it wants a login, next look in 20 s.',
  ],
  [
    'commit could not be made',
    {
      plans: [
        good({
          activity: { at: 'waiting', sinceMs: 0, failure: { code: 'repository-replaced', detail: {} } },
        }),
      ],
    },
    'waiting',
    'waitingCommit',
    'is finished later. Another vault lies at this place now.',
  ],
  [
    'commit is made after its run',
    {
      plans: [
        good({ activity: { at: 'waiting', sinceMs: 0 } }),
        good({ activity: { at: 'finishing', sinceMs: 0 } }),
      ],
    },
    'finishing',
    'finishing',
    'verified',
  ],
  [
    'sealed for longer than allowed: the data is not in the vault',
    { plans: [view({ lastGoodMs: nowMs - 9 * dayMs, activity: { at: 'waiting', sinceMs: 0, gate: weak } })] },
    'failed',
    'stale',
    'longer than the',
  ],
  ['queued', { plans: [good({ activity: queued })] }, 'waiting', 'waitingEngine', 'as soon as'],
  [
    'behind another',
    { plans: [good({ activity: { ...queued, behind: 'Music' } })] },
    'waiting',
    'behind',
    'waits for “Music”',
  ],
  [
    'tried again',
    { plans: [good({ activity: queued, lastRun: recordOf({ at: 'interrupted' }) })] },
    'waiting',
    'retry',
    'tried again',
  ],
  [
    'the engine comes back',
    { engine: { at: 'waiting', untilMs: nowMs + minuteMs, crashes: 1 } },
    'waiting',
    'engineAgain',
    'today 12:01',
  ],
  [
    'the engine gave up',
    { engine: { at: 'gave-up', crashes: 5 } },
    'attention',
    'engineGone',
    'keeps stopping',
  ],
  [
    'failed, still fresh: not red',
    { plans: [good({ lastRun: recordOf(failed('no-space')) })] },
    'attention',
    'lastFailed',
    'There is no space left.',
  ],
  [
    'failed at first',
    { plans: [view({ lastRun: recordOf(failed('weird')) })] },
    'attention',
    'lastFailed',
    '(weird). It has no restore point yet',
  ],
  ['incomplete', { plans: [good({ lastRun: recordOf(saved(2)) })] }, 'attention', 'incomplete', '2 items'],
  ['one item', { plans: [good({ lastRun: recordOf(saved(1)) })] }, 'attention', 'incomplete', 'one item'],
  [
    'interrupted',
    { plans: [good({ lastRun: recordOf({ at: 'interrupted' }) })] },
    'attention',
    'interrupted',
    'was interrupted',
  ],
  [
    'cancelled is no trouble',
    { plans: [good({ lastRun: recordOf({ at: 'cancelled' }) })] },
    'protected',
    'protected',
    '',
  ],
  [
    'a restore point has lost something',
    { vaults: [vault({ incomplete: [lost] })] },
    'attention',
    'pointIncomplete',
    'A restore point in the vault “Disk A”, saved yesterday 12:00, has lost data',
  ],
  [
    'several have',
    { vaults: [vault({ incomplete: [{ ...lost, committedMs: old }, lost] })] },
    'attention',
    'pointIncomplete',
    '2 restore points in the vault “Disk A”, the newest saved yesterday 12:00, have lost data',
  ],
  [
    'the vault is away',
    { vaults: [vault({ status: trouble('repository-missing') })] },
    'attention',
    'vaultTrouble',
    'Connect the disk',
  ],
  ['stale', { plans: [good({ lastGoodMs: old })] }, 'failed', 'stale', 'longer than the 3 days'],
  ['stale, and waits', { plans: [good({ lastGoodMs: old, activity: queued })] }, 'failed', 'stale', ''],
  [
    'stale, but being mended',
    { plans: [good({ lastGoodMs: old, activity: running('scanning') })] },
    'working',
    'working',
    '',
  ],
  ['stale though paused', { plans: [good({ lastGoodMs: old })], paused: {} }, 'failed', 'stale', ''],
  ['at the limit', { plans: [good({ lastGoodMs: nowMs - 3 * dayMs })] }, 'protected', 'protected', ''],
  [
    'never a restore point, for long',
    { plans: [view({ lastRun: recordOf(failed('io')) })], firstRunMs: new Map([['a', old]]) },
    'failed',
    'stale',
    'no restore point yet',
  ],
  [
    'damage found in a run',
    { plans: [good({ lastRun: recordOf(failed('damaged')) })] },
    'failed',
    'damage',
    'Disk A',
  ],
  [
    'damage found by looking',
    { vaults: [vault({ status: trouble('damaged') })], paused: {} },
    'failed',
    'damage',
    'Disk A',
  ],
  ['paused', { paused: {} }, 'paused', 'paused', 'until you resume'],
  ['paused for a time', { paused: { untilMs: nowMs + dayMs } }, 'paused', 'paused', 'until tomorrow 12:00'],
  [
    'working though paused',
    { paused: {}, plans: [good({ activity: running('scanning') })] },
    'working',
    'working',
    '',
  ],
])('%s', (_, change, kind, code, part) => {
  const judgement = judge(world(change));
  expect([judgement.kind, judgement.code]).toEqual([kind, code]);
  const sentence = speak('en', 'UTC').verdict(judgement, nowMs);
  expect(sentence).toContain(part);
  const chinese = speak('zh', 'UTC').verdict(judgement, nowMs);
  for (const said of [sentence, chinese]) expect(said).not.toMatch(/\{\{|verdict\.|undefined|!|！|^$/);
  expect(chinese).toMatch(/[一-鿿]/);
  expect(chinese).toMatch(/。$/);
});

test('the oldest run of each plan', () => {
  const other = { ...recordOf(saved(), 3), planId: 'b' };
  expect(firstRuns([recordOf(saved(), 5), other, recordOf(saved(), 1)])).toEqual(
    new Map([
      ['a', 1],
      ['b', 3],
    ]),
  );
});
