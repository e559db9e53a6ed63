import { describe, expect, it } from 'vitest';
import { chooseNotice } from '../../electron/notify/notice.ts';
import type { AppState, VerdictKind } from '../../engine/protocol/app-state.ts';
import { exampleState } from '../support/electron-stand-in/example-state.ts';

function state(kind: VerdictKind, notify: AppState['general']['notify']): AppState {
  const before = exampleState();
  return { ...before, verdict: { kind, sentence: kind }, general: { ...before.general, notify } };
}
/** What is told while the verdict goes this way. */
function told(way: readonly VerdictKind[], notify: AppState['general']['notify']): (string | undefined)[] {
  return way.map((kind, index) => chooseNotice(way[index - 1], state(kind, notify))?.body);
}

describe('a notice', () => {
  it('comes once for each change into trouble', () => {
    const way = ['protected', 'working', 'failed', 'failed', 'working', 'failed', 'attention'] as const;
    expect(told(way, 'trouble').filter(Boolean)).toEqual(['failed', 'failed', 'attention']);
  });

  it('comes for a run that went well only where all are wanted', () => {
    const way = ['protected', 'working', 'finishing', 'protected', 'paused', 'protected'] as const;
    expect(told(way, 'all')).toEqual([undefined, undefined, undefined, 'protected', undefined, undefined]);
    expect(told(way, 'trouble').filter(Boolean)).toEqual([]);
  });

  it('never comes where none are wanted', () => {
    expect(told(['working', 'failed', 'attention', 'working', 'protected'], 'none').filter(Boolean)).toEqual(
      [],
    );
  });

  it('tells at the start what is wrong, but not on the first day', () => {
    expect(chooseNotice(undefined, state('attention', 'trouble'))?.body).toBe('attention');
    expect(chooseNotice(undefined, { ...state('attention', 'all'), plans: [] })).toBeUndefined();
  });
});
