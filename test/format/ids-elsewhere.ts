/** A process for the test of ids: OpenSSL is told in its environment what its processor cannot do. Prints them as JSON. */
import { openHashLanes } from '../../engine/format/hash-lanes.ts';
import { manyContents } from './many-contents.ts';

const lanes = openHashLanes();
const sum = lanes?.openSum();
const ids = manyContents(Number(process.argv[2])).map((contents) => {
  sum?.take(Buffer.concat(contents));
  const found = lanes?.idsOf(contents, sum) ?? [];
  sum?.settle();
  return found;
});
process.stdout.write(JSON.stringify({ ids, sum: sum?.id() }));
