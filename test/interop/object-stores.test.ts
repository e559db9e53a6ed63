import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { StoreAccess } from '../../engine/backend/backend.ts';
import { leadRestic } from '../support/b2-server/b2-for-restic.ts';
import { startB2 } from '../support/b2-server/b2-server.ts';
import { compareFolders } from '../support/oracle.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type ResticEnded, runRestic } from '../support/restic.ts';
import { jsonLines, type Ran, slackwater } from '../support/slackwater.ts';
import { describeWithSwift, startSwift } from '../support/swift/swift-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const password = 'correct horse';

interface Place {
  readonly repository: string;
  readonly ourAccess: StoreAccess;
  readonly theirAccess: NodeJS.ProcessEnv;
}

function someFiles(): string {
  const folder = temporaryFolder('object-stores');
  mkdirSync(join(folder, 'deeper'));
  writeFileSync(join(folder, 'a file'), 'content');
  writeFileSync(join(folder, 'deeper', 'large'), randomBytes(6_000_000));
  return folder;
}

/** Both write, check and restore in turn; each finds well what the other wrote. */
async function takeTurns({ repository, ourAccess, theirAccess }: Place): Promise<void> {
  const ours = async (...args: string[]): Promise<Ran> => {
    const ran = await slackwater(args, { repository, password, env: { ...ourAccess } });
    expect({ args, code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 0 });
    return ran;
  };
  const theirs = async (...args: string[]): Promise<ResticEnded> => {
    const options = { repo: repository, password, env: theirAccess, timeoutMs: 120_000 };
    const ended = await runRestic(args, options);
    expect({ args, code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 });
    return ended;
  };
  const folder = someFiles();
  const targets = [temporaryFolder('ours'), temporaryFolder('theirs')] as const;
  await ours('init');
  await ours('backup', folder);
  await theirs('check', '--read-data');
  await theirs('restore', `latest:${folder}`, '--target', targets[1]);
  expect(compareFolders(folder, targets[1])).toEqual([]);
  writeFileSync(join(folder, 'new'), randomBytes(2_000_000));
  await theirs('backup', folder);
  await ours('check', '--read-data');
  await ours('restore', `latest:${folder}`, '--target', targets[0]);
  expect(compareFolders(folder, targets[0])).toEqual([]);
  await theirs('forget', '--keep-last', '1', '--prune');
  await ours('check');
  const summary = jsonLines(await ours('backup', '--json', folder)).at(-1);
  expect(summary).toMatchObject({ message_type: 'summary', files_new: 0, data_blobs: 0 });
  expect((await theirs('snapshots', '--json')).json<unknown[]>()).toHaveLength(2);
}

describeWithPeers(['restic'], 'restic and we', () => {
  describeWithSwift('in one bucket of S3', () => {
    it('read what the other has written', async () => {
      // Over plain http restic signs its uploads piece by piece, which this Swift does not know.
      const server = await startSwift({ isSecure: true });
      try {
        const { host, access } = server;
        const repository = `s3:https://${host}/one-bucket/some/where`;
        await takeTurns({ repository, ourAccess: access, theirAccess: { ...access } });
      } finally {
        await server.stop();
      }
    });
  });

  it('read what the other has written in one bucket of B2', async () => {
    const server = await startB2();
    const lead = await leadRestic(server);
    try {
      const { keyId, key } = server.state;
      const ourAccess = { B2_ACCOUNT_ID: keyId, B2_ACCOUNT_KEY: key, 'b2.endpoint': server.endpoint };
      await takeTurns({ repository: 'b2:one-bucket:some/where', ourAccess, theirAccess: lead.env });
    } finally {
      await lead.close();
      await server.close();
    }
  });
});
