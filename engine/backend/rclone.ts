/**
 * A repository on anything that rclone reaches (pCloud, SMB, Google Drive and seventy others): restic's REST protocol
 * over the pipes of a child. Where the store behind it shows a file while it is written, so must we: rclone writes
 * to the file's own name.
 */
import { hash } from 'node:crypto';
import { isFailure } from '../base/failure.ts';
import { type Backend, type BackendWorld, type ByteRange, type FileName, folderOf } from './backend.ts';
import type { CallSignal } from './call-signal.ts';
import { rcloneEnvironment } from './child/environment.ts';
import { RcloneCarrier, rcloneBase } from './rclone/carrier.ts';
import { rcloneLagFloorMs } from './rclone/lag-floor.ts';
import { parseRcloneRemote } from './rclone/remote.ts';
import { RestBackend } from './rest.ts';

/** `rest` is a location without its `rclone:`. Fails with `usage`. */
export function openRcloneBackend(rest: string, world: BackendWorld): Backend {
  const remote = parseRcloneRemote(rest);
  const lagFloorMs = rcloneLagFloorMs(remote, rcloneEnvironment(world.access));
  return new RcloneBackend(remote.shown, new RcloneCarrier(remote, world), lagFloorMs);
}

class RcloneBackend extends RestBackend {
  readonly listLagFloorMs: number;
  readonly #carrier: RcloneCarrier;

  constructor(location: string, carrier: RcloneCarrier, listLagFloorMs: number) {
    super(location, rcloneBase, carrier);
    this.listLagFloorMs = listLagFloorMs;
    this.#carrier = carrier;
  }

  /**
   * rclone remembers how long a file was when it was listed, perhaps while somebody still wrote it, and cuts what it
   * gives there. A file that is not what its name says is looked up anew, once.
   */
  override async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    try {
      const bytes = await super.load(file, range, signal);
      if (range !== undefined || file.type === 'config' || hash('sha256', bytes) === file.name) return bytes;
    } catch (error) {
      if (!isFailure(error, 'damaged')) throw error;
    }
    if (file.type !== 'config')
      await this.#carrier.list({ url: new URL(`${folderOf[file.type]}/`, rcloneBase), signal });
    return await super.load(file, range, signal);
  }
}
