/** OpenStack Swift with its S3 interface on loopback: a real store of objects that is not Amazon's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StoreAccess } from '../../../engine/backend/backend.ts';

const program = fileURLToPath(new URL('serve-swift.py', import.meta.url));
/** The one that Debian's packages are for; another may come first on the PATH. */
const python = '/usr/bin/python3';
const startMsMax = 60_000;

export interface S3Server {
  readonly host: string;
  readonly access: StoreAccess;
  stop(): Promise<void>;
}

export async function startSwift(region = 'us-east-1'): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'slackwater-swift-'));
  const secret = 'not-so-secret';
  const child = spawn(python, [program, folder, region], { stdio: ['pipe', 'pipe', 'pipe'] });
  const kill = (): boolean => child.kill('SIGKILL');
  process.on('exit', kill);
  const closed = once(child, 'close');
  const errors: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${secret}\n`);
  const late = setTimeout(kill, startMsMax);
  const port = await new Promise<string | undefined>((resolve) => {
    createInterface({ input: child.stdout })
      .on('line', (line) => resolve(/^ready (\d+)$/.exec(line)?.[1]))
      .on('close', () => resolve(undefined));
  });
  clearTimeout(late);
  const stop = async (): Promise<void> => {
    child.stdin.end();
    kill();
    await closed;
    process.off('exit', kill);
    await rm(folder, { recursive: true });
  };
  if (port !== undefined)
    return {
      host: `127.0.0.1:${port}`,
      access: { AWS_ACCESS_KEY_ID: 'test:tester', AWS_SECRET_ACCESS_KEY: secret },
      stop,
    };
  await stop();
  throw new Error(`Swift did not start: ${Buffer.concat(errors).toString().trim().slice(-2_000)}`);
}
