import { beforeEach, describe, expect, it } from 'vitest';
import type { Wait } from '../../engine/backend/store-line.ts';
import { Failure } from '../../engine/base/failure.ts';
import { lineForCommand, WaitTeller } from '../../engine/cli/tell-waits.ts';
import { decideRetry } from '../../engine/machine/retry.ts';
import { type TestWorld, testWorld } from '../support/test-repository.ts';

let told: string[];
let world: TestWorld;
let teller: WaitTeller;

beforeEach(() => {
  told = [];
  world = testWorld();
  teller = new WaitTeller({ note: (line) => told.push(line) }, world.clock);
});

const refused = new Failure(
  'store-unreachable',
  { errno: 'ECONNREFUSED', why: 'ECONNREFUSED' },
  { next: 'now' },
);
const wait = (ms: number, failure = refused, failures = 2): Wait => ({
  operation: 'save',
  failure,
  failures,
  untilMs: world.clock.elapsedMs() + ms,
});

describe('the person', () => {
  it('is told why, and when it is tried again', () => {
    teller.look([wait(9_000), wait(7_300)]);
    expect(told).toEqual(['waiting: the store cannot be reached (connection refused), trying again in 8 s']);
  });

  it('is told once for all that wait, again for the next wait, at once for another reason', async () => {
    teller.look([wait(8_000)]);
    teller.look([wait(8_000), wait(9_000)]);
    expect(told).toHaveLength(1);
    await world.clock.advance(8_000);
    teller.look([wait(16_000)]);
    expect(told).toHaveLength(2);
    teller.look([wait(20_000, new Failure('no-space', { why: 'status 507' }, { next: 'later' }))]);
    expect(told.at(-1)).toBe('waiting: the store is full (status 507), trying again in 20 s');
  });

  it('is not bothered with the first try again, nor with a moment', () => {
    teller.look([wait(400, refused, 1)]);
    expect(told).toEqual([]);
  });
});

describe('a command', () => {
  const tried = {
    code: 'store-unreachable',
    next: 'now',
    failures: 9,
    elapsedMs: 40_000,
    isProven: true,
    isOneFile: false,
  } as const;

  const lineOf = (kind: 'run' | 'ask', signal: AbortSignal) =>
    lineForCommand({ output: { note: () => {} } as never, world: world as never, signal }, kind);

  it('that runs waits as long as it takes, one that asks does not', () => {
    const { signal } = new AbortController();
    expect(decideRetry(tried, lineOf('run', signal).patience, 0).do).toBe('wait');
    expect(decideRetry(tried, lineOf('ask', signal).patience, 0).do).toBe('give-up');
  });

  it('that was told to stop waits no more, and what waits is woken', () => {
    const stop = new AbortController();
    const line = lineOf('run', stop.signal);
    const { wake } = line;
    stop.abort();
    expect(wake.aborted).toBe(true);
    expect(decideRetry(tried, line.patience, 0).do).toBe('give-up');
    expect(decideRetry(tried, lineOf('run', stop.signal).patience, 0).do).toBe('give-up');
  });
});
