/**
 * Downloads Debian packages of other suites than the machine's own, without root and without touching the
 * machine's apt: lists, cache and sources live in a folder of ours. Signatures are always verified; where the
 * machine's keyring is too old for a newer suite, a newer keyring comes from the machine's own suite.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DebianArchive } from './debian-archive.ts';
import { type Run, runProgram } from './run-program.ts';

/** Packages of the suites opened so far; to be used within the life of the folder that was given. */
export interface PrivateApt {
  /** Undefined when the suite can be used from now on, in place of the one before; otherwise why not. */
  openSuite(suite: string): Promise<string | undefined>;
  /** Versions that the open suite offers, newest first. */
  versions(packageName: string): Promise<string[]>;
  /** Unpacks a package into a new folder. Undefined when done; otherwise why not. */
  unpack(packageName: string, version: string, into: string): Promise<string | undefined>;
}

const timeoutMs = 10 * 60_000;
const keyrings = ['gpg', 'pgp'].map((end) => `/usr/share/keyrings/debian-archive-keyring.${end}`);

/** `folder` must be empty and belong to the caller, who removes it. */
export function openPrivateApt(
  archive: DebianArchive,
  folder: string,
  runWith: Run = runProgram,
): PrivateApt {
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'packages']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'status'), '');
  const options = aptOptions(folder);
  const run: Run = (program, args) =>
    runWith(program, [...options, ...args], { cwd: join(folder, 'packages'), timeoutMs });
  let keyring = archive.signedBy ?? keyrings.find((path) => existsSync(path));

  async function update(suite: string): Promise<string | undefined> {
    const trust = keyring === undefined ? '' : `[signed-by=${keyring}] `;
    writeFileSync(join(folder, 'sources.list'), `deb ${trust}${archive.uri} ${suite} main\n`);
    const updated = await run('apt-get', ['update', '--error-on=any']);
    return updated.code === 0 ? undefined : `apt cannot use ${suite}: ${firstError(updated.stderr)}`;
  }

  async function unpack(name: string, version: string, into: string): Promise<string | undefined> {
    const wanted = version === '' ? name : `${name}=${version}`;
    const downloaded = await run('apt-get', ['download', wanted]);
    const file = readdirSync(join(folder, 'packages')).find((entry) => entry.startsWith(`${name}_`));
    if (downloaded.code !== 0 || file === undefined)
      return `no download of ${wanted}: ${firstError(downloaded.stderr)}`;
    const unpacked = await runWith('dpkg-deb', ['-x', join(folder, 'packages', file), into], { timeoutMs });
    return unpacked.code === 0 ? undefined : `cannot unpack ${file}: ${firstError(unpacked.stderr)}`;
  }

  /** The machine's own suite carries the keys of its successors, signed with keys that the machine trusts. */
  async function renewKeyring(): Promise<boolean> {
    const renewed = join(folder, 'keyring');
    if (existsSync(renewed) || (await update(archive.suite)) !== undefined) return false;
    if ((await unpack('debian-archive-keyring', '', renewed)) !== undefined) return false;
    keyring = keyrings.map((path) => join(renewed, path)).find((path) => existsSync(path));
    return keyring !== undefined;
  }

  return {
    async openSuite(suite) {
      const failed = await update(suite);
      if (
        failed === undefined ||
        !/NO_PUBKEY|not signed|Missing key|signatures? couldn't be verified/.test(failed)
      ) {
        return failed;
      }
      return (await renewKeyring()) ? update(suite) : failed;
    },
    async versions(packageName) {
      const { stdout } = await run('apt-cache', ['madison', packageName]);
      return stdout.split('\n').flatMap((line) => line.split('|')[1]?.trim() ?? []);
    },
    unpack,
  };
}

function aptOptions(folder: string): string[] {
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    // As root, apt would download as a user who may not read a private folder.
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '_apt',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

function firstError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^[EW]: /.test(line)) ?? lines[0] ?? 'no reason given').slice(0, 300);
}
