/** How many threads work: polite by default, as a person wishes where one said so, half of that on battery. */
import { limits } from '../base/limits.ts';

/** What a person and the machine say about how hard we may work. */
export interface Effort {
  /** Set by a person. */
  readonly threadsMax?: number | undefined;
  readonly onBattery: boolean;
}

/** At least one; never more than there are processors. */
export function threadCount({ threadsMax, onBattery }: Effort, processors: number): number {
  const wished = threadsMax ?? limits.threadsByDefaultMax;
  const most = Math.max(1, Math.min(Math.floor(wished), processors));
  return onBattery ? Math.max(1, Math.floor(most / 2)) : most;
}
