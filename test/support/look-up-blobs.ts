/**
 * A thread that looks blobs up while another one adds them: every one that was added must be found, at its place.
 * See `test/compute/blob-table.test.ts`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { BlobLookup, type BlobTableHandle } from '../../engine/compute/blob-lookup.ts';

export interface LookingUp {
  readonly handle: BlobTableHandle;
  /** 32 bytes each, in the order in which they are added. The last one never is. */
  readonly ids: SharedArrayBuffer;
  /** How many have been added; after it, whether any was looked up yet. */
  readonly added: SharedArrayBuffer;
  readonly count: number;
}

export interface LookedUp {
  readonly wrong: number;
  /** Lookups before all were added. */
  readonly meanwhile: number;
}

const lookupsMax = 20_000_000;

const { handle, ids, added, count } = workerData as LookingUp;
const lookup = new BlobLookup(handle);
const bytes = new Uint8Array(ids);
const counter = new Int32Array(added);
parentPort?.postMessage('ready');

let wrong = 0;
let meanwhile = 0;
for (let tried = 0; tried < lookupsMax; tried++) {
  const known = Atomics.load(counter, 0);
  if (known === count) break;
  if (known === 0) continue;
  // The newest ones, and all others in turn.
  const number = tried % 2 === 0 ? known - 1 - (tried % Math.min(known, 8)) : (tried * 7_919) % known;
  const entry = lookup.find('data', bytes, number * 32);
  if (entry !== number + 1 || lookup.placeOf(entry).offset !== number) wrong++;
  if (lookup.has('data', bytes, count * 32)) wrong++;
  if (meanwhile++ === 0) {
    Atomics.store(counter, 1, 1);
    Atomics.notify(counter, 1);
  }
}
for (let number = 0; number < count; number++) {
  if (lookup.find('data', bytes, number * 32) !== number + 1) wrong++;
}
const lookedUp: LookedUp = { wrong, meanwhile };
parentPort?.postMessage(lookedUp);
