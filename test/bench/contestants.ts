/** The two that are compared, each as a person runs it: restic as it is, Slackwater as npm installs it. */
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownPeers } from '../peers/known-peers.ts';
import type { CommandToMeasure } from './measure.ts';

export interface Contestant {
  readonly name: 'restic' | 'Slackwater';
  /** The command with these arguments on a repository, its settings and caches in a folder `home`. */
  command(args: readonly string[], repository: string, home: string): CommandToMeasure;
}

const password = 'benchmark';
const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

/** How each is told to do without instructions for SHA-256: Go's runtime, and Node's OpenSSL (`OPENSSL_ia32cap(3)`). */
const plainSha = {
  restic: { GODEBUG: 'cpu.sha=off' },
  slackwater: { OPENSSL_ia32cap: ':~0x20000000' },
};

export function restic(hasPlainSha = false): Contestant {
  const found = knownPeers().restic;
  if (!('path' in found)) throw new Error(`restic is missing: ${found.missing}. \`npm test\` gets it.`);
  return {
    name: 'restic',
    command: (args, repository, home) => ({
      program: found.path,
      args,
      env: {
        ...environment(home),
        ...(hasPlainSha ? plainSha.restic : {}),
        RESTIC_REPOSITORY: repository,
        RESTIC_PASSWORD: password,
        RESTIC_CACHE_DIR: join(home, 'restic-cache'),
      },
    }),
  };
}

/** Installs what is compiled into `folder`: from a checkout, the launcher would run the sources. */
export function slackwater(folder: string, hasPlainSha = false): Contestant {
  const modules = join(mkdtempSync(join(folder, 'installed-')), 'node_modules');
  const home = join(modules, 'slackwater');
  mkdirSync(home, { recursive: true });
  for (const part of ['package.json', 'build']) {
    cpSync(join(projectFolder, part), join(home, part), { recursive: true });
  }
  symlinkSync(join(projectFolder, 'node_modules'), join(home, 'node_modules'));
  return {
    name: 'Slackwater',
    command: (args, repository, home_) => ({
      program: process.execPath,
      args: [join(home, 'build', 'launch.js'), ...args],
      env: {
        ...environment(home_),
        ...(hasPlainSha ? plainSha.slackwater : {}),
        SLACKWATER_REPOSITORY: repository,
        SLACKWATER_PASSWORD: password,
      },
    }),
  };
}

/** A home of its own: nothing that is set up for the person who runs this plays a part. */
function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', TZ: 'UTC', TMPDIR: process.env.TMPDIR };
}
