/**
 * What the app core is made of, as values: `main.ts` and `web/serve.ts` hand them in, tests hand in their own. Each
 * interface is the whole of what the core knows of the other feature.
 */
import type { AppCalls } from '../../engine/protocol/app-calls.ts';
import type { AppState, EngineState, RunCause, RunRecord } from '../../engine/protocol/app-state.ts';
import type { Answers, Asks } from '../../engine/protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../../engine/protocol/engine-calls.ts';
import type { Plan, Settings } from '../../engine/protocol/settings.ts';
import type { Fact } from './fact.ts';

export interface Clock {
  /** Wall time. */
  nowMs(): number;
  /** Runs it once after the time; the answer cancels that. */
  after(ms: number, run: () => void): () => void;
}

export interface Engine {
  readonly calls: Asks<EngineCalls>;
  state(): EngineState;
  onState(listener: () => void): void;
  onNews(listener: (news: EngineNews) => void): void;
  start(): void;
  drain(): Promise<void>;
}

export interface SettingsStore {
  read(): Settings;
  write(settings: Settings): void;
}

/** Passwords under the ids of vaults. */
export interface Secrets {
  /** Whether the system encrypts them. */
  readonly hasKeychain: boolean;
  get(id: string): Promise<string | undefined>;
  set(id: string, secret: string): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface RunHistory {
  /** The newest first. */
  newest(start: number, count: number): { readonly rows: readonly RunRecord[]; readonly total: number };
  add(record: RunRecord): void;
}

export interface Scheduler {
  set(plans: readonly Plan[]): void;
  onDue(listener: (planId: string, cause: RunCause) => void): void;
  nextMs(planId: string): number | undefined;
  /** A run of the plan was begun: what is due counts from here. */
  ran(planId: string, startedMs: number): void;
  tell(fact: 'session-started' | 'resume'): void;
  /** Whether it is five fields of cron that it can follow. */
  reads(cron: string): boolean;
  stop(): void;
}

export interface AppParts {
  readonly engine: Engine;
  readonly settings: SettingsStore;
  readonly secrets: Secrets;
  readonly history: RunHistory;
  readonly schedule: Scheduler;
  readonly clock: Clock;
  /** Lower-case letters, digits and hyphens, at most 40; never the same twice. */
  makeId(): string;
  /** A new key for a repository. */
  makeKey(): string;
  chooseFolder(): Promise<string | undefined>;
  showFile(path: string): Promise<void>;
  readonly host: 'electron' | 'web';
  readonly systemLanguages: readonly string[];
  readonly version: string;
  readonly hostname: string;
  readonly platform: string;
  readonly homeFolder: string;
  /** Where recovery sheets are written. */
  readonly dataFolder: string;
}

export interface App {
  readonly answers: Answers<AppCalls>;
  state(): AppState;
  /** Told at most four times a second, the latest wins; the answer ends it. */
  onState(listener: (state: AppState) => void): () => void;
  tell(fact: Fact): void;
  start(): Promise<void>;
  /** Runs end in order, the engine is drained, everything is settled. */
  quit(): Promise<void>;
}
