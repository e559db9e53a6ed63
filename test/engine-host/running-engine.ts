/** A host with a real engine process for tests: what it tells is kept, and the process is ended after the test. */
import { onTestFinished } from 'vitest';
import { type ForkedEngine, forkEngines } from '../../electron/engine-host/fork-engine.ts';
import { createEngineHost, type EngineHost, type HostClock } from '../../electron/engine-host/host.ts';
import type { EngineState } from '../../engine/protocol/app-state.ts';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';

export const realHostClock: HostClock = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export interface RunningEngine {
  readonly host: EngineHost;
  readonly engines: readonly ForkedEngine[];
  readonly news: readonly EngineNews[];
  readonly states: readonly EngineState['at'][];
  /** Resolves with the first news, from now on, that is what is looked for. */
  hears(isMeant: (news: EngineNews) => boolean): Promise<EngineNews>;
  /** Resolves once the host is in the state. */
  reaches(at: EngineState['at']): Promise<void>;
}

/** Started, and ready. Call it within a test. */
export async function runningEngine(): Promise<RunningEngine> {
  const engines: ForkedEngine[] = [];
  const news: EngineNews[] = [];
  const states: EngineState['at'][] = [];
  const fork = forkEngines();
  const spawn = (): ForkedEngine => {
    const engine = fork();
    engines.push(engine);
    return engine;
  };
  const host = createEngineHost({ spawn, clock: realHostClock });
  onTestFinished(() => host.drain());
  host.onNews((each) => news.push(each));
  host.onState(({ at }) => states.push(at));
  const hears = (isMeant: (news: EngineNews) => boolean): Promise<EngineNews> =>
    new Promise((resolve) => host.onNews((each) => isMeant(each) && resolve(each)));
  const reaches = (at: EngineState['at']): Promise<void> =>
    new Promise((resolve) => {
      if (host.state().at === at) resolve();
      host.onState((state) => state.at === at && resolve());
    });
  host.start();
  await reaches('ready');
  return { host, engines, news, states, hears, reaches };
}
