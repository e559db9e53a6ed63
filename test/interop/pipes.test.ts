/** One repository over SFTP and over rclone on a Samba share: what we write restic 0.19.1 reads there, and the other way. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seededChance } from '../support/fixed-world.ts';
import { compareFolders } from '../support/oracle.ts';
import { describeWithPeers } from '../support/peers.ts';
import { obscured, rcloneProgram } from '../support/rclone-world.ts';
import { runRestic } from '../support/restic.ts';
import { sambaShare, startSambaServer } from '../support/samba-server.ts';
import { slackwater } from '../support/slackwater.ts';
import { sshHost, startSshServer } from '../support/ssh-server.ts';
import { describeWithPrograms } from '../support/system-programs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const password = 'correct horse';

interface Way {
  readonly repository: string;
  readonly env: NodeJS.ProcessEnv;
  /** What only restic must be told. */
  readonly resticOptions: readonly string[];
}

async function bothWays({ repository, env, resticOptions }: Way): Promise<void> {
  const home = temporaryFolder('pipes');
  const source = join(home, 'source');
  const fill = (name: string): void => {
    mkdirSync(join(source, name), { recursive: true });
    for (let i = 0; i < 20; i++)
      writeFileSync(join(source, name, `${i}`), seededChance(`${name} ${i}`).bytes(300_000));
  };
  const ours = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await slackwater(args, { repository, password, env });
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
  };
  const theirs = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await runRestic([...resticOptions, ...args], {
      repo: repository,
      password,
      env,
    });
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
  };
  fill('first');
  await ours('init');
  await ours('backup', source);
  await theirs('check', '--read-data');
  fill('second');
  await theirs('backup', source);
  fill('third');
  await ours('backup', source);
  await ours('check', '--read-data');
  await theirs('check', '--read-data');
  await ours('restore', 'latest', '--target', join(home, 'ours'));
  await theirs('restore', 'latest', '--target', join(home, 'theirs'));
  for (const who of ['ours', 'theirs']) expect(compareFolders(source, join(home, who, source))).toEqual([]);
}

describeWithPeers(['restic', 'rclone'], 'with restic 0.19.1', () => {
  describeWithPrograms(['sshd', 'ssh'], 'over SFTP', () => {
    it('each reads what the other wrote', async () => {
      const server = await startSshServer();
      const repository = `sftp:${sshHost}:${temporaryFolder('sftp')}/repository`;
      const resticOptions = ['-o', `sftp.args=-F ${server.config}`];
      try {
        await bothWays({ repository, env: { SLACKWATER_SSH_CONFIG: server.config }, resticOptions });
      } finally {
        await server.stop();
      }
    });
  });

  describeWithPrograms(['smbd'], 'over rclone on a Samba share', () => {
    it('each reads what the other wrote', async () => {
      const server = await startSambaServer();
      const env = {
        SLACKWATER_RCLONE_PROGRAM: rcloneProgram(),
        RCLONE_CONFIG: '/dev/null',
        RCLONE_CONFIG_NAS_TYPE: 'smb',
        RCLONE_CONFIG_NAS_HOST: '127.0.0.1',
        RCLONE_CONFIG_NAS_PORT: String(server.port),
        RCLONE_CONFIG_NAS_USER: server.user,
        RCLONE_CONFIG_NAS_PASS: obscured(server.password),
      };
      const resticOptions = ['-o', `rclone.program=${rcloneProgram()}`];
      try {
        await bothWays({ repository: `rclone:nas:${sambaShare}/vault`, env, resticOptions });
      } finally {
        await server.stop();
      }
    });
  });
});
