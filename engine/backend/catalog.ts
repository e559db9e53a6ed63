/** Every kind of place that can hold a repository, in the order in which a location is tried; the first takes any path. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Chance } from '../base/chance.ts';
import { openB2 } from './b2.ts';
import type { Backend, BackendWorld } from './backend.ts';
import { openLocalBackend } from './local.ts';
import { openRcloneBackend } from './rclone.ts';
import { openRest } from './rest.ts';
import { openS3 } from './s3.ts';
import { openSftpBackend } from './sftp.ts';
import { withMount } from './with-mount.ts';
import { wrapped } from './wrapped-backend.ts';

export interface BackendKind {
  /** What a location begins with, as in `local:/path`. */
  readonly scheme: string;
  /** `rest`: what follows the scheme and its colon. Fails with `usage` where it cannot be understood. */
  open(rest: string, world: BackendWorld): Backend;
  /** There is a network between: it is opened with what a network needs. */
  readonly isRemote?: boolean;
}

export const catalog: readonly BackendKind[] = [
  { scheme: 'local', open: (path, { chance }) => openMounted(localPath(path), chance) },
  { scheme: 'rest', open: openRest, isRemote: true },
  { scheme: 'sftp', open: openSftpBackend, isRemote: true },
  { scheme: 'rclone', open: openRcloneBackend, isRemote: true },
  { scheme: 's3', open: openS3, isRemote: true },
  { scheme: 'b2', open: openB2, isRemote: true },
];

/** Any folder may be a disk or a share that is mounted there, or is not now. */
function openMounted(folder: string, chance: Chance): Backend {
  return wrapped(openLocalBackend(folder, chance), [withMount(folder)]);
}

function localPath(path: string): string {
  return resolve(path.startsWith('~/') ? path.replace('~', homedir()) : path);
}
