/**
 * All that a window can reach of the app: one function for each call of the treaty, and the state. It runs sandboxed
 * before the page's own scripts. A call that fails is rejected with a plain `{ failure }`, because an `Error` loses all
 * but its message on the way over the bridge.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { appCalls } from '../engine/protocol/app-calls.ts';
import type { AppState } from '../engine/protocol/app-state.ts';
import type { Settled } from '../engine/protocol/calls.ts';
import { callChannel, stateChannel } from './window/channels.ts';

const listeners = new Set<(state: AppState) => void>();
let latest: AppState | undefined;

ipcRenderer.on(stateChannel, (_event, state: AppState) => {
  latest = state;
  for (const listener of listeners) listener(state);
});

const caller =
  (name: string) =>
  async (argument?: unknown): Promise<unknown> => {
    const settled: Settled = await ipcRenderer.invoke(callChannel, name, argument);
    if (!settled.ok) throw { failure: settled.failure };
    return settled.value;
  };

contextBridge.exposeInMainWorld('slackwater', {
  calls: Object.fromEntries(Object.keys(appCalls).map((name) => [name, caller(name)])),
  /** Tells the newest state now, if there is one, and every later one; the answer ends that. */
  onState: (listener: (state: AppState) => void): (() => void) => {
    listeners.add(listener);
    if (latest !== undefined) listener(latest);
    return () => {
      listeners.delete(listener);
    };
  },
});
