import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Report {
  answers: { reader: string; bomb: string; bytes: number; refusal: string }[];
  risenMiB: number;
}

const script = fileURLToPath(new URL('../support/decode-bombs.ts', import.meta.url));
const report: Report = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }));

describe('33 kB that expand to 1 GiB', () => {
  it.each(report.answers)('$reader that $bomb', ({ bytes, refusal }) => {
    expect(bytes).toBeLessThan(34_000);
    expect(refusal).toMatch(/allowed|as long as it says|follows|too small/);
  });

  it('all of them together cost little memory', () => {
    expect(report.answers).toHaveLength(20);
    expect(report.risenMiB).toBeLessThan(100);
  });
});
