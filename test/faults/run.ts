/**
 * What `npm run faults` runs: what goes wrong on networks and in stores, done on purpose, to ours and to restic. It ends
 * with 1 where ours is not as it must be. Only loopback is used, and every wait has an end.
 */
import { getPeers } from '../peers/get-peers.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { readOptions, usage } from './options.ts';
import { runLink } from './run-link.ts';
import { runNth } from './run-nth.ts';
import { runRows } from './run-rows.ts';

// Each process that is started here is ended with this one.
process.setMaxListeners(100);
const say = (text: string): void => void process.stdout.write(text);
const options = readOptions(process.argv.slice(2));

if (options.help) {
  say(usage);
} else {
  await getPeers();
  const folder = campaignFolder(options.folder, 'faults');
  const run = options.nth ? runNth : options.link ? runLink : undefined;
  const isWell = await (run === undefined ? runRows(folder, options, say) : run(folder, say));
  process.exit(isWell ? 0 : 1);
}
