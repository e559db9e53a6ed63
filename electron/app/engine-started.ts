/** A person may be quicker than the engine: what they ask while it starts waits for it instead of being refused. */
import type { AppParts } from './parts.ts';

const lookMs = 100;
/** Longer than an engine may take to start: after that it is another state. */
const looksMax = 200;

/** When the engine does not start any more, whatever has become of it. */
export async function engineStarted({ engine, clock }: Pick<AppParts, 'engine' | 'clock'>): Promise<void> {
  for (let looks = 0; looks < looksMax && engine.state().at === 'starting'; looks++)
    await new Promise<void>((resolve) => void clock.after(lookMs, resolve));
}
