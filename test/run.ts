/**
 * What `npm test` runs: it gets what the tests need and says what is missing, checks types, lint and format, then runs
 * Vitest with the arguments it was given. Its last line is `N passed, N failed, N skipped`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshenWindow } from '../build/bundles.ts';
import { checkProject } from '../build/check-project.ts';
import { runTool } from '../build/run-tool.ts';
import { countTests, lastLine } from './count-tests.ts';
import { getPeers } from './peers/get-peers.ts';
import { getTools } from './peers/get-tools.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

for (const line of await getTools()) say(line);
for (const [name, peer] of Object.entries(await getPeers())) {
  say('path' in peer ? `${name} ${peer.version}: ${peer.path}` : `${name} is missing: ${peer.missing}`);
}

// Once, before tests that run side by side would each build it.
freshenWindow();
const isChecked = checkProject();
say(isChecked ? 'Types, lint and format are right.' : 'Types, lint or format are wrong, as said above.');

const reports = mkdtempSync(join(tmpdir(), 'slackwater-report-'));
const report = join(reports, 'tests.json');
const code = runTool('vitest', [
  'run',
  '--config',
  'build/vitest.config.ts',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const counts = countTests(report, code);
rmSync(reports, { recursive: true });

process.exitCode = isChecked && code === 0 && counts.failed === 0 ? 0 : 1;
if (!isChecked) say('Types, lint or format are wrong: see the beginning.');
say(lastLine(counts));
