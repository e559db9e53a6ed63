/** The app's state and calls as every view gets them. Only the newest state is kept. */
import { createContext, useContext, useEffect, useState } from 'react';
import type { AppState } from '../engine/protocol/app-state.ts';
import type { Bridge } from './bridge.ts';

export interface WindowApp {
  readonly state: AppState;
  readonly calls: Bridge['calls'];
}

export const AppContext = createContext<WindowApp | undefined>(undefined);

/** Undefined until the app has told its state for the first time. */
export function useAppState(bridge: Bridge): AppState | undefined {
  const [state, setState] = useState<AppState>();
  useEffect(() => bridge.onState(setState), [bridge]);
  return state;
}

export function useApp(): WindowApp {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('a view stands outside of the app');
  return app;
}
