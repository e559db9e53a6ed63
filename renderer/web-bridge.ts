/**
 * The bridge of a window in a browser: calls by POST, the state as server-sent events. It comes back by itself when the
 * host was away; calls made meanwhile are refused at once. Used where there is no preload script.
 */
import { appCalls } from '../engine/protocol/app-calls.ts';
import type { AppState } from '../engine/protocol/app-state.ts';
import type { Settled } from '../engine/protocol/calls.ts';
import { CallRefused, gone } from '../engine/protocol/link.ts';
import type { Bridge } from './bridge.ts';

const reconnectMs = 2_000;

/** Settles when the first state is here. */
export function connectWebBridge(): Promise<Bridge> {
  const listeners = new Set<(state: AppState) => void>();
  let latest: AppState | undefined;
  const calls = Object.fromEntries(Object.keys(appCalls).map((name) => [name, asker(name)]));
  const bridge = {
    calls,
    onState(listener: (state: AppState) => void) {
      listeners.add(listener);
      if (latest !== undefined) listener(latest);
      return () => void listeners.delete(listener);
    },
  } as unknown as Bridge;
  return new Promise((resolve) => {
    listenToStates((state) => {
      latest = state;
      for (const listener of listeners) listener(state);
      resolve(bridge);
    });
  });
}

/** The browser connects again after a broken connection, but not after a refusal. */
function listenToStates(onState: (state: AppState) => void): void {
  const source = new EventSource('/state');
  source.onmessage = ({ data }) => onState(JSON.parse(data as string) as AppState);
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listenToStates(onState), reconnectMs);
  };
}

function asker(name: string): (argument: unknown) => Promise<unknown> {
  return async (argument) => {
    const settled = await ask(name, argument);
    if (!settled.ok) throw new CallRefused(settled.failure);
    return settled.value;
  };
}

async function ask(name: string, argument: unknown): Promise<Settled> {
  try {
    const response = await fetch(`/call/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ argument }),
    });
    return (await response.json()) as Settled;
  } catch {
    return { ok: false, failure: gone };
  }
}
