/** Every kind of place that can hold a repository, in the order in which a location is tried. */
import type { Chance } from '../base/chance.ts';
import type { Backend } from './backend.ts';
import { openLocalBackend } from './local.ts';

export interface BackendKind {
  /** What a location begins with, as in `local:/path`. */
  readonly scheme: string;
  open(rest: string, chance: Chance): Backend;
}

export const catalog: readonly BackendKind[] = [{ scheme: 'local', open: openLocalBackend }];
