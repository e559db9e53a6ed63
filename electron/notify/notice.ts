/**
 * Which change of the verdict is worth a notice: one for each change into trouble, and where the person wants all,
 * one when everything is protected again after a run. Pure; `notify.ts` shows it.
 */
import type { AppState, VerdictKind } from '../../engine/protocol/app-state.ts';

export interface Notice {
  readonly kind: VerdictKind;
  /** The verdict's sentence. */
  readonly body: string;
}

const trouble: readonly VerdictKind[] = ['failed', 'attention'];
const active: readonly VerdictKind[] = ['working', 'waiting', 'finishing'];

/** `before` is the kind of the state before this one; undefined when the app has just started. */
export function chooseNotice(before: VerdictKind | undefined, state: AppState): Notice | undefined {
  const { kind, sentence } = state.verdict;
  const { notify } = state.general;
  // Without a plan the window itself says what to do first.
  if (kind === before || notify === 'none' || state.plans.length === 0) return undefined;
  const isTrouble = trouble.includes(kind);
  const isSuccess = kind === 'protected' && before !== undefined && active.includes(before);
  return isTrouble || (isSuccess && notify === 'all') ? { kind, body: sentence } : undefined;
}
