/**
 * Which peers an earlier `getPeers` found, from a small file in the cache folder: no network, no waiting. Read by the
 * tests, written by `get-peers.ts`.
 */
import { accessSync, constants, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  type Peer,
  type PeerName,
  type Peers,
  type WantedPeer,
  wantedPeers,
  wantedVersion,
} from './wanted.ts';

export function peerCacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME;
  return join(cache?.startsWith('/') ? cache : join(homedir(), '.cache'), 'slackwater-test-peers');
}

/** Every peer: where it is, if it still is there, or why not. */
export function knownPeers(folder = peerCacheFolder()): Peers {
  const known = readKnown(folder);
  return eachPeer((wanted) => {
    const peer = known[wanted.name] ?? { missing: 'nobody has looked for it yet: run `npm test` once' };
    if ('missing' in peer) return peer;
    const usable = isProgram(peer.path) && wantedVersion(wanted, peer.version) !== undefined;
    return usable ? peer : { missing: `${peer.path} is gone or has another version: run \`npm test\` once` };
  });
}

export function rememberPeers(folder: string, peers: Peers): void {
  const draft = join(folder, `.peers-${process.pid}.json`);
  writeFileSync(draft, `${JSON.stringify(peers, null, 2)}\n`);
  renameSync(draft, join(folder, 'peers.json'));
}

export function eachPeer(peerOf: (wanted: WantedPeer) => Peer): Peers {
  const entries = wantedPeers.map((wanted) => [wanted.name, peerOf(wanted)] as const);
  return Object.fromEntries(entries) as Record<PeerName, Peer>;
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readKnown(folder: string): Partial<Peers> {
  try {
    return JSON.parse(readFileSync(join(folder, 'peers.json'), 'utf8')) as Partial<Peers>;
  } catch {
    return {};
  }
}
