/**
 * Preloaded into our program: each time that it is continued after it was stopped (SIGCONT), its wall clock has gone on
 * by so many minutes, as that of a laptop that slept. What was measured with 31 minutes takes seconds so.
 */
const sleptMs = Number(process.env.SLEPT_MINUTES ?? 31) * 60_000;
const now = Date.now;
let aheadMs = 0;

Date.now = () => now() + aheadMs;
process.on('SIGCONT', () => {
  aheadMs += sleptMs;
});

export {};
