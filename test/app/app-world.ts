/** A world for the core: a clock turned by hand, an engine whose answers the test decides, everything recorded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../electron/app/app.ts';
import type { App, AppParts, Engine, Scheduler } from '../../electron/app/parts.ts';
import type { AppState, EngineState, RunRecord } from '../../engine/protocol/app-state.ts';
import type { AnswerOf, ArgumentOf } from '../../engine/protocol/calls.ts';
import { type EngineCalls, type EngineNews, engineCalls } from '../../engine/protocol/engine-calls.ts';
import { CallRefused, gone } from '../../engine/protocol/link.ts';
import type { BackupSummary } from '../../engine/protocol/run-news.ts';
import { defaultSettings, type Plan, type Settings, type Vault } from '../../engine/protocol/settings.ts';

export const startMs = Date.UTC(2026, 4, 6, 9, 0);
export const hourMs = 3_600_000;

export const vaultA: Vault = { id: 'vault-a', name: 'Disk A', location: '/vaults/a' };
export const vaultB: Vault = { id: 'vault-b', name: 'Disk B', location: '/vaults/b' };

export function planOf(id: string, vaultId = 'vault-a', change: Partial<Plan> = {}): Plan {
  const schedule = { onLogin: false };
  return { id, name: `Plan ${id}`, vaultId, sources: [`/home/${id}`], excludes: [], schedule, ...change };
}

export function summaryOf(change: Partial<BackupSummary> = {}): BackupSummary {
  const counts = { filesNew: 1, filesChanged: 0, filesUnmodified: 0, dirsNew: 0, dirsChanged: 0 };
  const rest = {
    dirsUnmodified: 0,
    dataBlobs: 1,
    treeBlobs: 1,
    totalFilesProcessed: 1,
    totalBytesProcessed: 1,
  };
  return {
    ...counts,
    ...rest,
    dataAddedBytes: 1,
    dataAddedPackedBytes: 1,
    durationMs: 1,
    startedAt: '2026-05-06T09:00:00Z',
    endedAt: '2026-05-06T09:00:01Z',
    snapshotId: 'ab'.repeat(32),
    dryRun: false,
    changedWhileReading: 0,
    errors: 0,
    ...change,
  };
}

/** Timers go by the time that has passed, as real ones do; a jump moves the wall clock alone. */
export function createHandClock(startedMs: number) {
  let timers: { atMs: number; run: () => void }[] = [];
  let passedMs = 0;
  let wallMs = startedMs;
  const clock = {
    nowMs: () => wallMs,
    after(ms: number, run: () => void) {
      const timer = { atMs: passedMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const passUntil = (atMs: number): void => {
    const stepMs = Math.max(0, atMs - passedMs);
    passedMs += stepMs;
    wallMs += stepMs;
  };
  /** Timers run on the way, each at its time. */
  async function pass(ms: number): Promise<void> {
    const endMs = passedMs + ms;
    for (;;) {
      const [next] = timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      timers = timers.filter((one) => one !== next);
      passUntil(next.atMs);
      next.run();
      await settle();
    }
    passUntil(endMs);
    await settle();
  }
  return { clock, pass, waiting: () => timers.length, jump: (ms: number) => (wallMs += ms) };
}

/** Until every promise that can go on has gone on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

type Name = keyof EngineCalls;
export interface Asked {
  readonly name: Name;
  readonly argument: never;
  resolve(value: unknown): void;
  refuse(code: string, detail?: Readonly<Record<string, string | number | boolean>>): void;
}

export interface World {
  readonly app: App;
  readonly folder: string;
  readonly time: ReturnType<typeof createHandClock>;
  /** Calls of `backup` and `restore` that wait for the test; others are answered by `answers`. */
  readonly asked: Asked[];
  readonly answers: { [N in Name]?: (argument: ArgumentOf<EngineCalls[N]>) => AnswerOf<EngineCalls[N]> };
  readonly secrets: Map<string, string>;
  readonly records: RunRecord[];
  readonly states: AppState[];
  readonly log: string[];
  readonly shown: string[];
  settings(): Settings;
  engine(state: EngineState): Promise<void>;
  /** The process is gone: calls that wait fail. */
  crash(): Promise<void>;
  news(news: EngineNews): void;
  due(planId: string, cause: RunRecord['cause']): void;
  backups(): string[];
}

const worlds: World[] = [];

export function removeWorlds(): void {
  for (const { folder } of worlds.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface WorldChange {
  readonly settings?: Partial<Settings>;
  readonly records?: readonly RunRecord[];
  readonly parts?: Partial<AppParts>;
  readonly engine?: EngineState;
}

/** The engine's double: calls are logged, answered by `answers`, or wait in `asked`. */
function createEngine(first: EngineState, log: string[]) {
  const asked: Asked[] = [];
  const answers: World['answers'] = {
    lookAtVault: () => ({ snapshots: 1, storedBytes: 10, locks: [] }),
    testPlace: () => ({ at: 'repository' }),
    limitBandwidth: () => undefined,
    limitCommitWait: () => undefined,
    tryNow: () => undefined,
    pendingCommits: () => [],
    lateLooks: () => [],
    networkMoved: () => undefined,
    finishNow: () => undefined,
    commitFates: ({ ids }) => ids.map((id) => ({ id, at: 'unknown' })),
    // As the engine does: the run ends in order.
    cancel({ runId }) {
      for (const one of asked)
        if ((one.argument as { runId?: string }).runId === runId) one.refuse('cancelled');
    },
  };
  const held = { state: first, onState: () => {}, onNews: (_: EngineNews) => {} };
  const call = (name: Name) => (argument: unknown) =>
    new Promise((resolve, reject) => {
      log.push(name);
      if (held.state.at !== 'ready') return reject(new CallRefused(gone));
      const refuse: Asked['refuse'] = (code, detail = {}) => reject(new CallRefused({ code, detail }));
      const answer = answers[name] as ((argument: unknown) => unknown) | undefined;
      if (answer === undefined) asked.push({ name, argument: argument as never, resolve, refuse });
      else resolve((async () => answer(argument))());
    });
  const engine: Engine = {
    calls: Object.fromEntries(
      Object.keys(engineCalls).map((name) => [name, call(name as Name)]),
    ) as unknown as Engine['calls'],
    state: () => held.state,
    onState: (listener) => {
      held.onState = listener;
    },
    onNews: (listener) => {
      held.onNews = listener;
    },
    start: () => log.push('start'),
    async drain() {
      log.push('drain');
      for (const one of asked) one.refuse('cancelled');
      await settle();
      held.state = { at: 'draining' };
    },
  };
  return { engine, asked, answers, held };
}

function createSchedule(log: string[]) {
  const held = { due: (_: string, __: RunRecord['cause']) => {} };
  const schedule: Scheduler = {
    set: () => {},
    onDue: (listener) => {
      held.due = listener;
    },
    nextMs: () => undefined,
    ran: (planId) => log.push(`ran ${planId}`),
    tell: (fact) => log.push(fact),
    reads: (cron) => cron !== 'nonsense',
    stop: () => log.push('stop'),
  };
  return { schedule, due: (planId: string, cause: RunRecord['cause']) => held.due(planId, cause) };
}

/** What is kept: in memory here. */
function createKept(change: WorldChange) {
  const records = [...(change.records ?? [])];
  const secrets = new Map([
    ['vault-a', 'secret of a'],
    ['vault-b', 'secret of b'],
  ]);
  const held = { settings: { ...defaultSettings, vaults: [vaultA, vaultB], ...change.settings } };
  const parts: Pick<AppParts, 'settings' | 'secrets' | 'history'> = {
    settings: {
      read: () => held.settings,
      write: (written) => {
        held.settings = written;
      },
    },
    secrets: {
      hasKeychain: true,
      get: async (id) => secrets.get(id),
      set: async (id, secret) => void secrets.set(id, secret),
      remove: async (id) => void secrets.delete(id),
    },
    history: {
      newest: (start, count) => ({ rows: records.slice(start, start + count), total: records.length }),
      add: (record) => records.unshift(record),
    },
  };
  return { parts, records, secrets, settings: (): Settings => held.settings };
}

function placeOf(folder: string, shown: string[]) {
  let ids = 0;
  return {
    makeId: () => `id-${++ids}`,
    makeKey: () => 'CANARY-KEY',
    chooseFolder: async () => '/chosen',
    showFile: async (path: string) => void shown.push(path),
    host: 'electron' as const,
    systemLanguages: ['en-US'],
    version: '0.1.0',
    hostname: 'tide',
    platform: 'linux',
    homeFolder: '/home/me',
    dataFolder: join(folder, 'data'),
  };
}

export async function createWorld(change: WorldChange = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'slackwater-app-'));
  const time = createHandClock(startMs);
  const log: string[] = [];
  const shown: string[] = [];
  const { engine, asked, answers, held } = createEngine(change.engine ?? { at: 'ready' }, log);
  const { schedule, due } = createSchedule(log);
  const { parts, records, secrets, settings } = createKept(change);
  const { clock } = time;
  const app = createApp({ ...parts, engine, schedule, clock, ...placeOf(folder, shown), ...change.parts });
  const states: AppState[] = [];
  app.onState((one) => states.push(structuredClone(one)));
  await app.start();
  await settle();
  const setEngine = async (next: EngineState) => {
    held.state = next;
    held.onState();
    await settle();
  };
  const world: World = {
    ...{ app, folder, time, asked, answers, secrets, records, states, log, shown, settings, due },
    engine: setEngine,
    async crash() {
      await setEngine({ at: 'waiting', untilMs: clock.nowMs() + 2_000, crashes: 1 });
      for (const one of asked.splice(0)) one.refuse(gone.code);
      await settle();
    },
    news: (news) => held.onNews(news),
    backups: () =>
      asked
        .filter(({ name }) => name === 'backup')
        .map(({ argument }) => (argument as { sources: string[] }).sources[0] ?? ''),
  };
  worlds.push(world);
  return world;
}

/** The run of the plan ends as the engine says; the newest is taken. */
export async function end(
  world: World,
  planId: string,
  how:
    | { saved: Partial<BackupSummary> }
    | { code: string; detail?: Readonly<Record<string, string | number | boolean>> },
) {
  const index = world.asked.findIndex(
    ({ name, argument }) =>
      name === 'backup' && (argument as { sources: string[] }).sources[0] === `/home/${planId}`,
  );
  const [one] = world.asked.splice(index, 1);
  if (one === undefined || index < 0) throw new Error(`no run of ${planId}`);
  if ('code' in how) one.refuse(how.code, how.detail);
  else one.resolve(summaryOf(how.saved));
  await settle();
}
