/**
 * `npm run sim:locks -- --seeds N [--from SEED]`: the simulation of locks for many seeds, and how often it fails where
 * lags are longer than we reckon with. Exits with 1 where the design is violated.
 */
import { parseArgs } from 'node:util';
import { type Conditions, design, simulate } from './simulate.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' } } });
const seeds = Number(values.seeds ?? 2_000);
const from = Number(values.from ?? 1);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function run(count: number, conditions: Conditions): { seed: number; violations: string[] }[] {
  const found: { seed: number; violations: string[] }[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const violations = simulate(seed, conditions);
    if (violations.length > 0) found.push({ seed, violations });
  }
  return found;
}

const failed = run(seeds, design);
for (const { seed, violations } of failed.slice(0, 20)) say(`seed ${seed}: ${violations.join('; ')}`);
say(`lag within its bound: ${failed.length} of ${seeds} seeds violate an invariant`);

const some = Math.max(1, Math.floor(seeds / 10));
const others: readonly (readonly [string, Conditions])[] = [
  ['no settling at all', { ...design, settleFactor: 0, lagKinds: ['extreme'] }],
  ['settling for one lag', { ...design, settleFactor: 1, lagKinds: ['extreme'] }],
  ['lag twice the bound', { ...design, beyond: 2, lagKinds: ['extreme'] }],
  ['lag ten times the bound', { ...design, beyond: 10, lagKinds: ['extreme'] }],
  ['one lag in a hundred ten times the bound', { ...design, lagKinds: ['bimodal'] }],
];
for (const [name, conditions] of others) {
  const x1 = run(some, conditions).filter(({ violations }) =>
    violations.some((each) => each.startsWith('X1')),
  );
  say(`${name}: X1 in ${x1.length} of ${some} seeds (${((100 * x1.length) / some).toFixed(2)} %)`);
}
process.exitCode = failed.length === 0 ? 0 : 1;
