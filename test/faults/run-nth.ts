/** The whole nth-fault loop, for `npm run faults -- --nth`: a line for each fault, and each run that is not as it must be. */
import { startRestServer } from '../support/rest-server.ts';
import { NthBackups } from './nth-backup.ts';
import { everyFault, type NthResult, nthLoop } from './nth-loop.ts';

/** Answers whether every run ended as it must. */
export async function runNth(folder: string, say: (text: string) => void): Promise<boolean> {
  const server = await startRestServer();
  const wrong: NthResult[] = [];
  try {
    const backups = await NthBackups.make(server, folder);
    for (const fault of Object.keys(everyFault)) {
      for (const stretch of ['once', 'for a while'] as const) {
        const results: NthResult[] = [];
        await nthLoop(backups, fault, stretch, (result) => results.push(result));
        say(`${fault}, ${stretch}: ${inWords(results)}\n`);
        for (const { n, request, outcome } of results) {
          if (outcome.at === 'refused')
            say(`    request ${n} (${request}): says ${outcome.code}; the next run saves\n`);
          if (outcome.at === 'wrong') say(`    WRONG at request ${n} (${request}): ${outcome.why}\n`);
        }
        wrong.push(...results.filter(({ outcome }) => outcome.at === 'wrong'));
      }
    }
  } finally {
    await server.close();
  }
  say(
    `\n${wrong.length === 0 ? 'every run ended as it must' : `${wrong.length} runs did not end as they must`}\n`,
  );
  return wrong.length === 0;
}

function inWords(results: readonly NthResult[]): string {
  const count = (at: string): number => results.filter(({ outcome }) => outcome.at === at).length;
  return `${results.length} runs, ${count('well')} saved, ${count('refused')} refused, ${count('wrong')} wrong`;
}
