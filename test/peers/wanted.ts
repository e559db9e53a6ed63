/** The real programs that tests compare us with: what Debian calls them, and which versions we were built against. */

export type PeerName = 'restic' | 'rest-server' | 'rclone';

/** A peer that can be run, or the reason why there is none. */
export type Peer = { readonly path: string; readonly version: string } | { readonly missing: string };

export type Peers = Readonly<Record<PeerName, Peer>>;

export interface WantedPeer {
  readonly name: PeerName;
  readonly package: string;
  /** The program's file name in the package, and its names on the PATH elsewhere. */
  readonly programs: readonly [string, ...string[]];
  readonly versionArgs: readonly string[];
  /** Versions from the first (inclusive) to the second (exclusive). */
  readonly from: readonly [major: number, minor: number];
  readonly before: readonly [major: number, minor: number];
}

export const wantedPeers: readonly WantedPeer[] = [
  {
    name: 'restic',
    package: 'restic',
    programs: ['restic'],
    versionArgs: ['version'],
    from: [0, 19],
    before: [0, 20],
  },
  {
    name: 'rest-server',
    package: 'restic-rest-server',
    programs: ['restic-rest-server', 'rest-server'],
    versionArgs: ['--version'],
    from: [0, 13],
    before: [1, 0],
  },
  {
    name: 'rclone',
    package: 'rclone',
    programs: ['rclone'],
    versionArgs: ['version'],
    from: [1, 70],
    before: [1, 80],
  },
];

/** The first version number in what a program or a package index says, if it is one that we want. */
export function wantedVersion(peer: WantedPeer, text: string): string | undefined {
  const [version, major, minor] = /(\d+)\.(\d+)(?:\.\d+)*/.exec(text) ?? [];
  if (version === undefined) return undefined;
  const here = [Number(major), Number(minor)] as const;
  return atLeast(here, peer.from) && !atLeast(here, peer.before) ? version : undefined;
}

function atLeast(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1]);
}
