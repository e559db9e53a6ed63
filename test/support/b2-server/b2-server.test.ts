import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProgram } from '../../peers/run-program.ts';
import { compareFolders } from '../oracle.ts';
import { describeWithPeers, peer } from '../peers.ts';
import { runRestic } from '../restic.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { leadRestic } from './b2-for-restic.ts';
import { type B2Server, startB2 } from './b2-server.ts';

let server: B2Server;
beforeEach(async () => {
  server = await startB2();
});
afterEach(() => server.close());

function someFiles(): string {
  const folder = temporaryFolder('b2-source');
  mkdirSync(join(folder, 'deeper'));
  writeFileSync(join(folder, 'odd name +%äö.txt'), 'content');
  writeFileSync(join(folder, 'deeper', 'large'), randomBytes(12_000_000));
  return folder;
}

describeWithPeers(['rclone'], 'what rclone does with B2', () => {
  const rclone = async (...args: string[]): Promise<string> => {
    const env = {
      RCLONE_CONFIG: '/dev/null',
      RCLONE_B2_ACCOUNT: server.state.keyId,
      RCLONE_B2_KEY: server.state.key,
      RCLONE_B2_ENDPOINT: server.endpoint,
    };
    const once = ['--low-level-retries', '3', '--retries', '1', '--log-level', 'ERROR'];
    const { code, stdout, stderr } = await runProgram(peer('rclone')!, [...args, ...once], {
      env,
      timeoutMs: 60_000,
    });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return stdout;
  };

  it('works with the stand-in: copy, check, list, range, hide and delete', async () => {
    const folder = someFiles();
    await rclone('mkdir', ':b2:some-bucket');
    await rclone('copy', folder, ':b2:some-bucket/place');
    await rclone('check', '--download', folder, ':b2:some-bucket/place');
    const listed = JSON.parse(await rclone('lsjson', '--recursive', '--files-only', ':b2:some-bucket')) as {
      Path: string;
      Size: number;
    }[];
    expect(listed.map(({ Path: path, Size: size }) => [path, size]).sort()).toEqual([
      ['place/deeper/large', 12_000_000],
      ['place/odd name +%äö.txt', 7],
    ]);
    const part = await rclone(
      'cat',
      '--offset',
      '3',
      '--count',
      '2',
      ':b2:some-bucket/place/odd name +%äö.txt',
    );
    expect(part).toBe('te');
    await rclone('deletefile', ':b2:some-bucket/place/deeper/large');
    expect(await rclone('lsf', '--recursive', '--files-only', ':b2:some-bucket')).toBe(
      'place/odd name +%äö.txt\n',
    );
    await rclone('deletefile', '--b2-hard-delete', ':b2:some-bucket/place/odd name +%äö.txt');
    expect(await rclone('lsf', '--recursive', '--files-only', ':b2:some-bucket')).toBe('');
  });
});

describeWithPeers(['restic'], "what restic's own b2 backend does", () => {
  it('works with the stand-in: init, backup, check, restore, forget and prune', async () => {
    const lead = await leadRestic(server);
    const restic = async (...args: string[]) => {
      const ended = await runRestic(args, {
        repo: 'b2:restic-bucket:some/where',
        password: 'correct horse',
        env: lead.env,
        timeoutMs: 120_000,
      });
      expect(ended.stderr).toBe('');
      expect(ended.code).toBe(0);
      return ended;
    };
    try {
      const folder = someFiles();
      await restic('init');
      await restic('backup', folder);
      server.state.expireTokens();
      await restic('check', '--read-data');
      const target = temporaryFolder('b2-target');
      await restic('restore', `latest:${folder}`, '--target', target);
      expect(compareFolders(folder, target)).toEqual([]);
      await restic('backup', folder);
      await restic('forget', '--keep-last', '1', '--prune');
      expect((await restic('snapshots', '--json')).json<unknown[]>()).toHaveLength(1);
      expect(server.state.calls).toContain('b2_delete_file_version');
    } finally {
      await lead.close();
    }
  });
});
