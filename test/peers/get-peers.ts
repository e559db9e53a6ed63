/**
 * Gets the real programs that tests compare us with, without root: what the cache folder has (then no network is
 * used), else a Debian package from the archive that this machine's apt uses anyway, else what is on the PATH.
 * Run by `npm test`; alone it prints what is there: `node build/run.js test/peers/get-peers.ts`.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { debianArchives } from './debian-archive.ts';
import { holdFile } from './hold-file.ts';
import { eachPeer, isProgram, knownPeers, peerCacheFolder, rememberPeers } from './known-peers.ts';
import { openPrivateApt, type PrivateApt } from './private-apt.ts';
import { runProgram } from './run-program.ts';
import {
  type Peer,
  type PeerName,
  type Peers,
  type WantedPeer,
  wantedPeers,
  wantedVersion,
} from './wanted.ts';

/** Newest first: an older suite is asked only for what is still missing. */
const suites = ['sid', 'trixie'];
const scratchPrefix = '.scratch-';

type Found = Map<PeerName, Peer>;

/** Never throws for a peer that cannot be had: its entry says why. Two runs at once do not disturb each other. */
export async function getPeers(folder = peerCacheFolder()): Promise<Peers> {
  if (isComplete(knownPeers(folder))) return knownPeers(folder);
  mkdirSync(folder, { recursive: true });
  const release = await holdFile(join(folder, 'lock'));
  try {
    const known = knownPeers(folder);
    if (isComplete(known)) return known;
    const found: Found = new Map(wantedPeers.map(({ name }) => [name, known[name]]));
    await addFromDebian(found, folder);
    await addFromPath(found);
    const peers = eachPeer(({ name }) => found.get(name) ?? known[name]);
    rememberPeers(folder, peers);
    return peers;
  } finally {
    release();
  }
}

async function addFromDebian(found: Found, folder: string): Promise<void> {
  const archives = await debianArchives();
  for (const { name } of archives.length === 0 ? missingOf(found) : []) {
    found.set(name, { missing: 'apt here knows no Debian archive to get it from' });
  }
  removeLeftovers(folder);
  for (const archive of archives) {
    for (const suite of suites) {
      if (missingOf(found).length === 0) return;
      await inScratchFolder(folder, async (scratch) => {
        const apt = openPrivateApt(archive, scratch);
        const failed = await apt.openSuite(suite);
        for (const wanted of missingOf(found)) {
          found.set(
            wanted.name,
            failed === undefined ? await download(apt, wanted, folder) : { missing: failed },
          );
        }
      });
    }
  }
}

/** Of the versions that we want, the newest one that runs here: a newer suite may need a newer C library. */
async function download(apt: PrivateApt, wanted: WantedPeer, folder: string): Promise<Peer> {
  let why = `no wanted version of ${wanted.package} is offered`;
  for (const version of await apt.versions(wanted.package)) {
    if (wantedVersion(wanted, version) === undefined) continue;
    const peer = await inScratchFolder(folder, async (scratch): Promise<Peer> => {
      const unpacked = join(scratch, 'unpacked');
      const failed = await apt.unpack(wanted.package, version, unpacked);
      if (failed !== undefined) return { missing: failed };
      const home = join(folder, `${wanted.package}-${version}`);
      rmSync(home, { recursive: true, force: true });
      renameSync(unpacked, home);
      return ask(wanted, join(home, 'usr', 'bin', wanted.programs[0]));
    });
    if ('path' in peer) return peer;
    why = peer.missing;
  }
  return { missing: why };
}

async function addFromPath(found: Found): Promise<void> {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  for (const wanted of missingOf(found)) {
    const paths = folders.flatMap((folder) => wanted.programs.map((program) => join(folder, program)));
    for (const path of paths.filter(isProgram)) {
      const peer = await ask(wanted, path);
      if ('missing' in peer) continue;
      found.set(wanted.name, peer);
      break;
    }
  }
}

async function ask(wanted: WantedPeer, path: string): Promise<Peer> {
  const { code, stdout, stderr } = await runProgram(path, wanted.versionArgs, { timeoutMs: 30_000 });
  if (code !== 0) return { missing: `${path} does not run here: ${stderr.trim().slice(0, 300)}` };
  const version = wantedVersion(wanted, stdout + stderr);
  return version === undefined ? { missing: `${path} has a version that we do not want` } : { path, version };
}

function missingOf(found: Found): WantedPeer[] {
  return wantedPeers.filter(({ name }) => 'missing' in (found.get(name) ?? { missing: '' }));
}

function isComplete(peers: Peers): boolean {
  return Object.values(peers).every((peer) => 'path' in peer);
}

async function inScratchFolder<T>(folder: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(folder, scratchPrefix));
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Of runs that were killed. Whoever holds the lock is the only one at work. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(scratchPrefix))) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await getPeers(), null, 2)}\n`);
