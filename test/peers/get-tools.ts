/**
 * The system's own programs that the tests use: what makes and reads extended attributes and ACLs, a browser, servers of
 * SFTP and SMB, which tests start themselves, and an object store. Where they are missing and this is root on a machine
 * with apt (a container, most likely), they are installed; elsewhere the tests leave those things out.
 */
import { existsSync } from 'node:fs';
import { findChromium } from '../support/chromium.ts';
import { swiftModule } from '../support/swift/swift-module.ts';
import { type Run, runProgram } from './run-program.ts';
import { systemProgram } from './system-program.ts';

const tools: Readonly<Record<string, readonly string[]>> = {
  acl: ['setfacl'],
  attr: ['setfattr', 'getfattr'],
  chromium: ['chromium'],
  'openssh-client': ['ssh', 'ssh-keygen'],
  'openssh-server': ['sshd'],
  samba: ['smbd'],
  'python3-swift': [swiftModule],
};

/** Sentences about what is still missing, and why. */
export async function getTools(run: Run = runProgram): Promise<string[]> {
  const missing = missingTools();
  if (process.platform !== 'linux' || missing.length === 0) return [];
  let why = 'only root may install it';
  if (process.getuid?.() === 0) {
    const packages = missing.map(({ packageName }) => packageName);
    const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 300_000 };
    const install = ['install', '--yes', '--no-install-recommends', ...packages];
    // The lists are there more often than not.
    let ended = await run('apt-get', install, options);
    if (ended.code !== 0 && (await run('apt-get', ['update'], options)).code === 0) {
      ended = await run('apt-get', install, options);
    }
    why = ended.stderr.trim().split('\n').at(-1) ?? '';
  }
  return missingTools().map(
    ({ packageName, programs }) =>
      `${programs.join(' and ')} (package ${packageName}) missing, so what needs them is not tested: ${why}`,
  );
}

function missingTools(): { packageName: string; programs: readonly string[] }[] {
  const isThere = (program: string): boolean =>
    // Any browser of that family will do.
    program === 'chromium'
      ? findChromium() !== undefined
      : program.startsWith('/')
        ? existsSync(program)
        : systemProgram(program) !== undefined;
  return Object.entries(tools)
    .filter(([, programs]) => !programs.every(isThere))
    .map(([packageName, programs]) => ({ packageName, programs }));
}
