/** What a person has said so far in the first run; kept by the window until it ends. */
import type { AppState } from '../../engine/protocol/app-state.ts';
import type { Schedule } from '../../engine/protocol/settings.ts';
import { emptyPlace, type PlaceDraft } from './place-fields.tsx';

export interface FirstRunDraft {
  readonly step: 0 | 1 | 2;
  readonly name: string;
  readonly sources: readonly string[];
  readonly place: PlaceDraft;
  readonly schedule: Schedule;
  readonly startsNow: boolean;
  readonly opensAtLogin: boolean;
  /** Set once the vault is made: trying again after a failure must not make it twice. */
  readonly vaultId?: string;
  readonly planId?: string;
  readonly isDone?: boolean;
  /** Where the recovery sheet lies that was just written: shown at the end. */
  readonly recoverySheet?: string;
}

export function emptyDraft(state: AppState, vaultName: string): FirstRunDraft {
  return {
    step: 0,
    name: '',
    sources: state.homeFolder === undefined ? [] : [state.homeFolder],
    place: { ...emptyPlace, name: vaultName },
    schedule: { onLogin: true, everyHours: 4 },
    startsNow: true,
    opensAtLogin: state.general.openAtLogin,
  };
}
