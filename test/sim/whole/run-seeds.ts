/** Many seeds, one after the other: what was met in all of them, and what was violated in which. */
import { makeBase } from './base-repository.ts';
import type { Chaos } from './chaos.ts';
import { simulate } from './simulate.ts';

export interface SeedsRun {
  readonly runs: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly seed: number; readonly violations: readonly string[] }[];
  readonly settledMsMax: number;
  readonly cpuMs: number;
}

export async function runSeeds(
  from: number,
  count: number,
  tell?: (line: string) => void,
  change?: Partial<Chaos>,
): Promise<SeedsRun> {
  const base = await makeBase();
  const counts: Record<string, number> = {};
  const failed: { seed: number; violations: readonly string[] }[] = [];
  let settledMsMax = 0;
  const cpu = process.cpuUsage();
  // What nobody waits for fails all the same.
  const stray: string[] = [];
  const onStray = (error: unknown): void =>
    void stray.push(`nobody heard of: ${error instanceof Error ? error.stack : error}`);
  process.on('unhandledRejection', onStray);
  // Whoever wants to know where an error comes from asks for the history of its seed.
  const { stackTraceLimit } = Error;
  if (tell === undefined) Error.stackTraceLimit = 0;
  for (let seed = from; seed < from + count; seed++) {
    const history = await simulate(base, seed, change, tell);
    for (const [what, times] of Object.entries(history.counts)) counts[what] = (counts[what] ?? 0) + times;
    const violations = [...history.violations, ...stray.splice(0)];
    if (violations.length > 0) failed.push({ seed, violations });
    settledMsMax = Math.max(settledMsMax, history.settledMs ?? 0);
    await history.bury();
    stray.length = 0;
  }
  Error.stackTraceLimit = stackTraceLimit;
  process.off('unhandledRejection', onStray);
  const { user, system } = process.cpuUsage(cpu);
  return { runs: count, counts, failed, settledMsMax, cpuMs: (user + system) / 1000 };
}
