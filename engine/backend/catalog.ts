/** Every kind of place that can hold a repository, in the order in which a location is tried; the first takes any path. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Chance } from '../base/chance.ts';
import { type StoreKindId, storeKinds } from '../protocol/store-kinds.ts';
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
  readonly scheme: StoreKindId;
  /** `rest`: what follows the scheme and its colon. Fails with `usage` where it cannot be understood. */
  open(rest: string, world: BackendWorld): Backend;
  /** There is a network between: it is opened with what a network needs. */
  readonly isRemote: boolean;
}

/** What a person is asked for each of them: `protocol/store-kinds.ts`, which also has their order. */
const openers: Readonly<Record<StoreKindId, BackendKind['open']>> = {
  local: (path, { chance }) => openMounted(localPath(path), chance),
  rest: openRest,
  sftp: openSftpBackend,
  rclone: openRcloneBackend,
  s3: openS3,
  b2: openB2,
};

export const catalog: readonly BackendKind[] = storeKinds.map(({ id }) => ({
  scheme: id,
  open: openers[id],
  isRemote: id !== 'local',
}));

/** Any folder may be a disk or a share that is mounted there, or is not now. */
function openMounted(folder: string, chance: Chance): Backend {
  return wrapped(openLocalBackend(folder, chance), [withMount(folder)]);
}

function localPath(path: string): string {
  return resolve(path.startsWith('~/') ? path.replace('~', homedir()) : path);
}
