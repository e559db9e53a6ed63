/** OpenStack Swift with its S3 interface on loopback: a real store of objects that is not Amazon's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import type { StoreAccess } from '../../../engine/backend/backend.ts';
import { testCertificate } from '../certificate.ts';
import { swiftModule } from './swift-module.ts';

const program = fileURLToPath(new URL('serve-swift.py', import.meta.url));
/** The one that Debian's packages are for; another may come first on the PATH. */
const python = '/usr/bin/python3';
const startMsMax = 60_000;

/** `describe` for tests that need Swift; in CI it has to be there. */
export function describeWithSwift(title: string, tests: () => void): void {
  const isMissing = !existsSync(swiftModule);
  if (isMissing && process.env.CI) throw new Error('These tests need python3-swift, and CI must have it');
  if (isMissing) process.stderr.write('skipped: these tests need python3-swift, which is not there\n');
  describe.skipIf(isMissing)(title, tests);
}

export interface S3Server {
  readonly host: string;
  readonly access: StoreAccess;
  stop(): Promise<void>;
}

export async function startSwift({ region = 'us-east-1', isSecure = false } = {}): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'slackwater-swift-'));
  const authority = join(folder, 'authority.pem');
  if (isSecure) {
    const { cert, key } = testCertificate();
    await writeFile(authority, cert);
    await writeFile(join(folder, 'certificate.pem'), cert + key);
  }
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
      access: {
        AWS_ACCESS_KEY_ID: 'test:tester',
        AWS_SECRET_ACCESS_KEY: secret,
        ...(isSecure ? { RESTIC_CACERT: authority } : {}),
      },
      stop,
    };
  await stop();
  throw new Error(`Swift did not start: ${Buffer.concat(errors).toString().trim().slice(-2_000)}`);
}
