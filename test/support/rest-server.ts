/** Runs the real rest-server of restic on a fresh folder and a port of loopback (or a Unix socket), to its end. */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { knownPeers } from '../peers/known-peers.ts';
import type { TestCertificate } from './certificate.ts';
import { pathOrThrow } from './peers.ts';

export interface RestServerOptions {
  readonly appendOnly?: boolean;
  readonly privateRepos?: boolean;
  readonly maxSizeBytes?: number;
  readonly tls?: TestCertificate;
  readonly unixSocket?: boolean;
  /** With it, everybody else is refused. */
  readonly login?: { readonly user: string; readonly password: string };
}

export interface RestServer {
  /** The folder that it serves. */
  readonly folder: string;
  readonly pid: number;
  /** `rest:...` of a repository, its path without slashes around it. */
  location(path?: string, credentials?: string): string;
  close(): Promise<void>;
}

export async function startRestServer(options: RestServerOptions = {}): Promise<RestServer> {
  const program = pathOrThrow('rest-server', knownPeers()['rest-server'], { CI: 'wanted' });
  const home = await mkdtemp(join(tmpdir(), 'slackwater-rest-'));
  const folder = join(home, 'data');
  await mkdir(folder);
  const socket = join(home, 'socket');
  const port = await freePort();
  const listen = options.unixSocket ? `unix:${socket}` : `127.0.0.1:${port}`;
  const args = ['--path', folder, '--listen', listen, ...(await argsOf(options, home))];
  const child = spawn(program ?? '', args, { stdio: 'ignore' });
  const kill = (): boolean => child.kill('SIGKILL');
  process.on('exit', kill);
  const ended = once(child, 'exit');
  await untilItListens(() => (options.unixSocket ? connect(socket) : connect(port, '127.0.0.1')), child);
  const scheme = options.tls === undefined ? 'http' : 'https';
  return {
    folder,
    pid: child.pid ?? 0,
    location: (path = '', credentials = '') =>
      options.unixSocket
        ? `rest:http+unix://${socket}:/${path}`
        : `rest:${scheme}://${credentials === '' ? '' : `${credentials}@`}127.0.0.1:${port}/${path}`,
    async close() {
      process.off('exit', kill);
      kill();
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function argsOf(options: RestServerOptions, home: string): Promise<string[]> {
  const args: string[] = [];
  if (options.appendOnly) args.push('--append-only');
  if (options.privateRepos) args.push('--private-repos');
  if (options.maxSizeBytes !== undefined) args.push('--max-size', String(options.maxSizeBytes));
  if (options.tls !== undefined) {
    await writeFile(join(home, 'cert'), options.tls.cert);
    await writeFile(join(home, 'key'), options.tls.key);
    args.push('--tls', '--tls-cert', join(home, 'cert'), '--tls-key', join(home, 'key'));
  }
  if (options.login === undefined) return [...args, '--no-auth'];
  const { user, password } = options.login;
  await writeFile(join(home, 'data', '.htpasswd'), `${user}:{SHA}${hash('sha1', password, 'base64')}\n`);
  return args;
}

/** Free now; whoever takes it before the server does makes the test fail, not pass. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilItListens(
  open: () => ReturnType<typeof connect>,
  child: { readonly exitCode: number | null },
): Promise<void> {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    const socket = open();
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    await sleep(50);
  }
  throw new Error('rest-server did not begin to listen');
}
