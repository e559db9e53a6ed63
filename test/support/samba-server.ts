/** A real Samba server for tests, on loopback, with one share in a folder of its own and one user who may use it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { systemProgram } from '../peers/system-program.ts';
import { freePort, listening } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface SambaServer {
  readonly port: number;
  /** What the share shows, on our own disk. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export const sambaShare = 'backups';

export async function startSambaServer(): Promise<SambaServer> {
  const home = temporaryFolder('samba');
  const folder = join(home, 'share');
  for (const name of ['share', 'private', 'state', 'run', 'rpc']) mkdirSync(join(home, name));
  const port = await freePort();
  const user = userInfo().username;
  const password = 'a samba passphrase';
  const config = join(home, 'smb.conf');
  writeFileSync(config, configLines(home, port));
  execFileSync('smbpasswd', ['-c', config, '-s', '-a', user], { input: `${password}\n${password}\n` });
  // Groups of its own: its workers are processes too.
  const child = spawn(
    systemProgram('smbd') ?? '',
    ['-F', '--no-process-group', '-s', config, '-p', String(port)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  let said = '';
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  }
  const { pid = 0 } = child;
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null && pid > 0) process.kill(-pid, 'SIGKILL');
  };
  process.on('exit', kill);
  try {
    await listening(port, () => child.exitCode !== null);
  } catch (error) {
    kill();
    throw new Error(`smbd did not start: ${said}`, { cause: error });
  }
  return {
    port,
    folder,
    user,
    password,
    pid,
    async stop() {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      kill();
      await ended;
    },
  };
}

function configLines(home: string, port: number): string {
  return [
    '[global]',
    'server role = standalone server',
    'interfaces = 127.0.0.1',
    'bind interfaces only = yes',
    `smb ports = ${port}`,
    'disable netbios = yes',
    'load printers = no',
    'printing = bsd',
    'passdb backend = tdbsam',
    `private dir = ${join(home, 'private')}`,
    `state directory = ${join(home, 'state')}`,
    `cache directory = ${join(home, 'state')}`,
    `lock directory = ${join(home, 'state')}`,
    `pid directory = ${join(home, 'run')}`,
    `ncalrpc dir = ${join(home, 'rpc')}`,
    `log file = ${join(home, 'log')}`,
    `[${sambaShare}]`,
    `path = ${join(home, 'share')}`,
    'read only = no',
    '',
  ].join('\n');
}
