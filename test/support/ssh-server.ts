/** A real OpenSSH server for tests, on loopback, with a host key, a user's key and a configuration of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { systemProgram } from '../peers/system-program.ts';
import { freePort, listening } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface SshServer {
  readonly port: number;
  /** For a client: it knows the server's host key, and has a key that the server takes. */
  readonly config: string;
  /** The folder with the keys and configurations; tests may spoil copies of them. */
  readonly folder: string;
  readonly process: ChildProcess;
  /** Another configuration for a client, with some lines before the usual ones: the first of a kind counts. */
  clientConfig(name: string, lines: readonly string[]): string;
  stop(): Promise<void>;
}

/** The name under which clients find it. */
export const sshHost = 'slackwater-test';

/** `hasSftp`: otherwise it lets clients in, and offers nothing. */
export async function startSshServer(hasSftp = true): Promise<SshServer> {
  const folder = temporaryFolder('sshd');
  for (const name of ['host-key', 'user-key', 'other-key']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  copyFileSync(join(folder, 'user-key.pub'), join(folder, 'authorized'));
  const port = await freePort();
  const hostKey = readFileSync(join(folder, 'host-key.pub'), 'utf8');
  writeFileSync(join(folder, 'known-hosts'), `[127.0.0.1]:${port} ${hostKey}`);
  writeFileSync(join(folder, 'sshd-config'), serverConfig(folder, port, hasSftp));
  const clientConfig = (name: string, lines: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, [...lines.map((line) => `  ${line}`), ...clientLines(folder, port)].join('\n'));
    return path;
  };
  // The system's service makes this folder when it starts; as an ordinary user nobody needs it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(systemProgram('sshd') ?? '', ['-D', '-e', '-f', join(folder, 'sshd-config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.on('exit', kill);
  try {
    await listening(port, () => child.exitCode !== null);
  } catch (error) {
    kill();
    throw new Error(`sshd did not start: ${said}`, { cause: error });
  }
  return {
    port,
    folder,
    process: child,
    config: clientConfig('client-config', []),
    clientConfig,
    async stop() {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function serverConfig(folder: string, port: number, hasSftp: boolean): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host-key')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'MaxStartups 100',
    ...(hasSftp ? ['Subsystem sftp internal-sftp'] : []),
    '',
  ].join('\n');
}

function clientLines(folder: string, port: number): string[] {
  return [
    `Host ${sshHost}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${join(folder, 'user-key')}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${join(folder, 'known-hosts')}`,
    '  GlobalKnownHostsFile none',
    '',
  ];
}
