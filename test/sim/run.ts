/** scratch */

import { makeBase } from './whole/base-repository.ts';
import { simulate } from './whole/simulate.ts';

const base = await makeBase();
const from = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 100),
  verbose = process.argv[4] === 'v';
const total: Record<string, number> = {};
let bad = 0;
const cpu0 = process.cpuUsage();
const t0 = Date.now();
process.on('unhandledRejection', (e) => {
  console.log('UNHANDLED', seedNow, e);
  bad++;
});
let seedNow = 0;
const slow: [number, number][] = [];
for (let seed = from; seed < from + n; seed++) {
  seedNow = seed;
  const t = Date.now();
  const { violations, counts, settledMs } = await simulate(
    base,
    seed,
    {},
    verbose ? (l) => console.log(l) : () => {},
  );
  slow.push([Date.now() - t, seed]);
  for (const [k, v] of Object.entries(counts)) total[k] = (total[k] ?? 0) + v;
  if (violations.length) {
    bad++;
    console.log(`seed ${seed}:`, violations.slice(0, 3).join('\n   '));
  }
}
const cpu = process.cpuUsage(cpu0);
console.log(
  Object.entries(total)
    .sort()
    .map(([k, v]) => `${k}: ${v}`)
    .join('\n'),
);
console.log(
  'bad',
  bad,
  'of',
  n,
  'ms per seed',
  (Date.now() - t0) / n,
  'cpu',
  (cpu.user + cpu.system) / 1000 / n,
  'slowest',
  slow.sort((a, b) => b[0] - a[0]).slice(0, 5),
);
