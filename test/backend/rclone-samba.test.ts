import { mkdtempSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openRcloneBackend } from '../../engine/backend/rclone.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { describeWithPeers } from '../support/peers.ts';
import { obscured, rcloneWorld } from '../support/rclone-world.ts';
import { type SambaServer, sambaShare, startSambaServer } from '../support/samba-server.ts';
import { describeWithPrograms } from '../support/system-programs.ts';

describeWithPrograms(['smbd'], 'Samba', () => {
  describeWithPeers(['rclone'], 'through rclone', () => {
    let server: SambaServer;
    beforeAll(async () => {
      server = await startSambaServer();
    });
    afterAll(async () => {
      await server.stop();
    });

    backendContract('rclone on a Samba share', async () => {
      const { port, folder, user, password } = server;
      const path = basename(mkdtempSync(join(folder, 'vault-')));
      const remote = `:smb,host=127.0.0.1,port=${port},user=${user},pass=${obscured(password)}:${sambaShare}/${path}`;
      return { backend: openRcloneBackend(remote, rcloneWorld()), remove: async () => undefined };
    });
  });
});
