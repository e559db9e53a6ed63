/** What the simulation has to say in the end. */
import type { SeedsRun } from './run-seeds.ts';

const shownMax = 20;

export function addCounts(one: SeedsRun, other: SeedsRun): SeedsRun {
  const counts = { ...one.counts };
  for (const [what, times] of Object.entries(other.counts)) counts[what] = (counts[what] ?? 0) + times;
  return {
    runs: one.runs + other.runs,
    counts,
    failed: [...one.failed, ...other.failed],
    settledMsMax: Math.max(one.settledMsMax, other.settledMsMax),
    cpuMs: one.cpuMs + other.cpuMs,
  };
}

export function report(
  { runs, counts, failed, settledMsMax }: SeedsRun,
  say: (line: string) => void,
): { runs: number; violations: number } {
  const deaths = Object.entries(counts).filter(([what]) => what.startsWith('death '));
  for (const [what, times] of Object.entries(counts).sort())
    if (!what.startsWith('death ')) say(`${String(times).padStart(9)}  ${what}`);
  say(`died at ${deaths.length} kinds of steps`);
  for (const { seed, violations } of failed.slice(0, shownMax)) {
    say(`seed ${seed}: ${violations.slice(0, 3).join('\n  ')}`);
    say(`  its history: npm run sim -- --seed ${seed} --seeds 1 --verbose`);
  }
  say(`all that waited was committed within ${Math.ceil(settledMsMax / 1000)} s of the calm`);
  say(`${failed.length} of ${runs} histories violate an invariant`);
  return { runs, violations: failed.length };
}
