/** A process that talks to an SFTP server, says so and then waits: `hold-sftp.ts LOCATION SSH-CONFIG`. Tests kill it. */
import { openSftpBackend } from '../../engine/backend/sftp.ts';
import { backendWorld } from './child-world.ts';

const [, , location = '', config = ''] = process.argv;
const backend = openSftpBackend(location, backendWorld({ SLACKWATER_SSH_CONFIG: config }));
await backend.create();
process.stdout.write('ready\n');
// Ends by itself when nobody kills it.
setTimeout(() => undefined, 60_000);
