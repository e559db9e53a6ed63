/** A picture of the app for tests of what shows it: one plan and one vault, everything well. */
import type { AppState, PlanView, Verdict } from '../../../engine/protocol/app-state.ts';
import { defaultSettings } from '../../../engine/protocol/settings.ts';

export function examplePlan(id: string, name = id): PlanView {
  const schedule = { onLogin: false };
  return {
    plan: { id, name, vaultId: 'vault', sources: ['/home/ada'], excludes: [], schedule },
    activity: { at: 'idle' },
  };
}

export const protectedVerdict: Verdict = { kind: 'protected', sentence: 'Everything is protected.' };

export function exampleState(change: Partial<AppState> = {}): AppState {
  return {
    nowMs: Date.UTC(2026, 0, 15, 12),
    verdict: protectedVerdict,
    engine: { at: 'ready' },
    plans: [examplePlan('home', 'Home')],
    vaults: [{ vault: { id: 'vault', name: 'Disk', location: '/mnt/disk' }, status: { at: 'unknown' } }],
    pending: [],
    runs: [],
    general: defaultSettings.general,
    language: 'en',
    platform: 'linux',
    hostname: 'ada',
    version: '0.0.0',
    hasKeychain: true,
    host: 'electron',
    ...change,
  };
}
