/** A store that probes find: its config is what the test says. */
import type { openBare } from '../../engine/backend/open-backend.ts';
import { MemoryBackend } from '../support/memory-backend.ts';

export function probedBackend(config: () => Promise<Uint8Array>): typeof openBare {
  return () => ({ backend: Object.assign(new MemoryBackend(), { load: config }), isRemote: true });
}
