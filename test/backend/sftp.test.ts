import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { BackendWorld } from '../../engine/backend/backend.ts';
import { openSftpBackend } from '../../engine/backend/sftp.ts';
import { silentLog } from '../../engine/base/log.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { seededChance } from '../support/fixed-world.ts';
import { type SshServer, sshHost, startSshServer } from '../support/ssh-server.ts';
import { describeWithPrograms } from '../support/system-programs.ts';
import { removeFolder } from '../support/temporary-folder.ts';

function worldFor(config: string): BackendWorld {
  return {
    clock: realClock,
    chance: seededChance(config),
    log: silentLog,
    access: { SLACKWATER_SSH_CONFIG: config },
  };
}

describeWithPrograms(['sshd', 'ssh'], 'OpenSSH', () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await startSshServer();
  });
  afterAll(async () => {
    await server.stop();
  });

  backendContract('an SFTP server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slackwater-sftp-'));
    return {
      backend: openSftpBackend(`${sshHost}:${folder}/a/repository`, worldFor(server.config)),
      remove: async () => removeFolder(folder),
    };
  });
});
