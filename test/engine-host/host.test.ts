import { describe, expect, it } from 'vitest';
import { createEngineHost, type EngineProcess, type HostClock } from '../../electron/engine-host/host.ts';
import type { UtilityChild } from '../../electron/engine-host/utility-engine.ts';
import { utilityEngines } from '../../electron/engine-host/utility-engine.ts';

/** A clock that is turned by hand. */
function handClock(): HostClock & { advance(ms: number): void } {
  let nowMs = 0;
  let timers: { dueMs: number; run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    after(ms, run) {
      const timer = { dueMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    advance(ms) {
      nowMs += ms;
      const due = timers.filter(({ dueMs }) => dueMs <= nowMs);
      timers = timers.filter((each) => !due.includes(each));
      for (const { run } of due) run();
    },
  };
}

/** An engine that answers what the test lets it answer. */
class Puppet implements EngineProcess {
  readonly asked: { number: number; name: string }[] = [];
  wasKilled = false;
  readonly #onMessage: ((message: unknown) => void)[] = [];
  readonly #onEnd: ((code: number | null) => void)[] = [];

  readonly port = {
    post: (message: unknown) => void this.asked.push(message as { number: number; name: string }),
    onMessage: (listener: (message: unknown) => void) => void this.#onMessage.push(listener),
    onClose: (listener: () => void) => void this.#onEnd.push(() => listener()),
  };

  say(message: unknown): void {
    for (const listener of this.#onMessage) listener(message);
  }

  answer(name: string): void {
    const { number } = this.asked.findLast((call) => call.name === name)!;
    this.say({ kind: 'answer', number, settled: { ok: true, value: undefined } });
  }

  kill(): void {
    this.wasKilled = true;
  }

  onExit(listener: (code: number | null) => void): void {
    this.#onEnd.push(listener);
  }

  exit(): void {
    for (const listener of this.#onEnd) listener(1);
  }
}

function puppetHost() {
  const clock = handClock();
  const engines: Puppet[] = [];
  const spawn = (): Puppet => {
    engines.push(new Puppet());
    return engines.at(-1)!;
  };
  const host = createEngineHost({ spawn, clock });
  const states: string[] = [];
  host.onState(({ at }) => states.push(at));
  return { host, clock, engines, states };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refused = { failure: { code: 'unavailable' } };
const place = { location: '/x' };

describe('the host', () => {
  it('refuses calls at once until the engine has answered, then hands them on, and its news', async () => {
    const { host, engines, states } = puppetHost();
    await expect(host.calls.testPlace(place)).rejects.toMatchObject(refused);
    host.start();
    await expect(host.calls.testPlace(place)).rejects.toMatchObject(refused);
    engines[0]!.answer('cancel');
    await settled();
    const news: unknown[] = [];
    host.onNews((each) => news.push(each));
    const asked = host.calls.testPlace(place);
    engines[0]!.say({ kind: 'news', news: { type: 'note' } });
    engines[0]!.answer('testPlace');
    await asked;
    expect(news).toEqual([{ type: 'note' }]);
    expect(states).toEqual(['starting', 'ready']);
  });

  it('settles what waits when the engine dies, and starts another after the wait', async () => {
    const { host, clock, engines, states } = puppetHost();
    host.start();
    engines[0]!.answer('cancel');
    await settled();
    const asked = host.calls.testPlace(place);
    engines[0]!.exit();
    await expect(asked).rejects.toMatchObject(refused);
    expect(host.state()).toEqual({ at: 'waiting', untilMs: 500, crashes: 1 });
    clock.advance(499);
    expect(engines).toHaveLength(1);
    clock.advance(1);
    engines[1]!.answer('cancel');
    await settled();
    expect(states).toEqual(['starting', 'ready', 'waiting', 'starting', 'ready']);
  });

  it('kills an engine that does not answer at the start, and gives up after five of them', async () => {
    const { host, clock, engines } = puppetHost();
    host.start();
    for (let crash = 0; crash < 5; crash++) {
      clock.advance(15_000);
      expect(engines[crash]!.wasKilled).toBe(true);
      engines[crash]!.exit();
      clock.advance(3_000);
    }
    expect(host.state()).toEqual({ at: 'gave-up', crashes: 5 });
    expect(engines).toHaveLength(5);
    host.start();
    expect(host.state()).toEqual({ at: 'starting' });
  });

  it('kills an engine that does not drain in time', async () => {
    const { host, clock, engines } = puppetHost();
    host.start();
    engines[0]!.answer('cancel');
    await settled();
    const drained = host.drain();
    await expect(host.calls.testPlace(place)).rejects.toMatchObject(refused);
    clock.advance(9_999);
    expect(engines[0]!.wasKilled).toBe(false);
    clock.advance(1);
    await drained;
    expect(engines[0]!.wasKilled).toBe(true);
    engines[0]!.exit();
    clock.advance(60_000);
    await host.drain();
    expect(engines).toHaveLength(1);
  });
});

describe('a utility process', () => {
  it('is forked with the pids of those before it, and ends once', () => {
    const forked: string[][] = [];
    const listeners: Record<string, ((value?: unknown) => void)[]> = {};
    const child = {
      pid: 0,
      postMessage: () => {},
      kill: () => true,
      on: (event: string, listener: (value?: unknown) => void) => {
        listeners[event] = [...(listeners[event] ?? []), listener];
      },
    };
    const spawn = utilityEngines({
      fork: (path, args) => {
        forked.push([path.split('/').slice(-3).join('/'), ...args]);
        for (const name of Object.keys(listeners)) delete listeners[name];
        child.pid += 11;
        return child as UtilityChild;
      },
    });
    for (let start = 0; start < 3; start++) {
      const ends: (number | null)[] = [];
      spawn().onExit((code) => ends.push(code));
      for (const listener of listeners.spawn ?? []) listener();
      for (const listener of listeners.exit ?? []) listener(9);
      expect(ends).toEqual([9]);
    }
    const entry = 'engine/worker/entry.ts';
    expect(forked).toEqual([[entry], [entry], [entry]]);
  });
});
