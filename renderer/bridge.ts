/**
 * What the window knows of the app: calls that it may make, and the state that comes by itself. In Electron the preload
 * script puts it at `window.slackwater`; in a browser `web-bridge.ts` makes it.
 */
import type { AppCalls } from '../engine/protocol/app-calls.ts';
import type { AppState } from '../engine/protocol/app-state.ts';
import type { Asks } from '../engine/protocol/calls.ts';

export interface Bridge {
  readonly calls: Asks<AppCalls>;
  /** Tells the newest state at once where there is one, then every newer one. The answer ends it. */
  onState(listener: (state: AppState) => void): () => void;
}

declare global {
  interface Window {
    readonly slackwater?: Bridge;
  }
}
