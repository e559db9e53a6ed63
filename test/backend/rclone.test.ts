import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRcloneBackend } from '../../engine/backend/rclone.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { describeWithPeers } from '../support/peers.ts';
import { rcloneWorld } from '../support/rclone-world.ts';
import { removeFolder } from '../support/temporary-folder.ts';

describeWithPeers(['rclone'], 'rclone', () => {
  backendContract('rclone on a local folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slackwater-rclone-'));
    return {
      backend: openRcloneBackend(`:local:${folder}/a/repository`, rcloneWorld()),
      remove: async () => removeFolder(folder),
    };
  });
});
