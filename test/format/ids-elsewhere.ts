/** A process for the test of ids: OpenSSL is told in its environment what its processor cannot do. Prints them as JSON. */
import { openHashLanes } from '../../engine/format/ids.ts';
import { manyContents } from './many-contents.ts';

const lanes = openHashLanes();
const ids = manyContents(Number(process.argv[2])).map((contents) => lanes?.idsOf(contents) ?? []);
process.stdout.write(JSON.stringify(ids));
