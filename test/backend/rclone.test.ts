import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendWorld, StoreAccess } from '../../engine/backend/backend.ts';
import { openRcloneBackend } from '../../engine/backend/rclone.ts';
import { silentLog } from '../../engine/base/log.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { seededChance } from '../support/fixed-world.ts';
import { describeWithPeers, peer } from '../support/peers.ts';
import { removeFolder } from '../support/temporary-folder.ts';

function worldWith(access: StoreAccess): BackendWorld {
  return {
    clock: realClock,
    chance: seededChance('rclone'),
    log: silentLog,
    access: { SLACKWATER_RCLONE_PROGRAM: peer('rclone'), RCLONE_CONFIG: '/dev/null', ...access },
  };
}

describeWithPeers(['rclone'], 'rclone', () => {
  backendContract('rclone on a local folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slackwater-rclone-'));
    return {
      backend: openRcloneBackend(`:local:${folder}/a/repository`, worldWith({})),
      remove: async () => removeFolder(folder),
    };
  });
});
