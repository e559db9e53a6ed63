/**
 * The store of a simulation as it really is: what was carried out, and when. By name it tells the truth; its listings lag.
 * It remembers who removed what, and which files it never had although it said so.
 */
import type { FileType, StoredFile } from '../../../engine/backend/backend.ts';
import type { Id } from '../../../engine/format/id.ts';

export type Client = 'ours' | 'rival';

interface Kept {
  readonly bytes: Uint8Array;
  readonly listedFromMs: number;
}

interface Removed {
  readonly sizeBytes: number;
  readonly listedUntilMs: number;
}

export class SimStore {
  readonly files: Map<string, Kept>;
  readonly #removed = new Map<string, Removed>();
  readonly #lagMs: () => number;
  /** Names that a rival has removed. */
  readonly rivalRemoved = new Set<string>();
  /** Names that the store once said it had taken, and had not, or not whole. */
  readonly neverHad = new Set<string>();
  /** Called after a file was stored. */
  onStored: (type: FileType, name: Id, bytes: Uint8Array, client: Client) => void = () => {};
  onRemoved: (type: FileType, name: Id, client: Client) => void = () => {};

  constructor(files: ReadonlyMap<string, Uint8Array>, lagMs: () => number) {
    const kept = (bytes: Uint8Array): Kept => ({ bytes, listedFromMs: 0 });
    this.files = new Map([...files].map(([key, bytes]) => [key, kept(bytes)]));
    this.#lagMs = lagMs;
  }

  get(type: FileType, name: string): Uint8Array | undefined {
    return this.files.get(`${type}/${name}`)?.bytes;
  }

  put(type: FileType, name: string, bytes: Uint8Array, nowMs: number, client: Client): void {
    const key = `${type}/${name}`;
    const listedFromMs = this.files.get(key)?.listedFromMs ?? nowMs + this.#lagMs();
    this.files.set(key, { bytes, listedFromMs });
    this.#removed.delete(key);
    this.onStored(type, name, bytes, client);
  }

  remove(type: FileType, name: string, nowMs: number, client: Client): void {
    const key = `${type}/${name}`;
    const kept = this.files.get(key);
    if (kept === undefined) return;
    this.files.delete(key);
    this.#removed.set(key, { sizeBytes: kept.bytes.length, listedUntilMs: nowMs + this.#lagMs() });
    if (client === 'rival') this.rivalRemoved.add(key);
    this.onRemoved(type, name, client);
  }

  /** As it is listed now. */
  list(type: FileType, nowMs: number): StoredFile[] {
    const listed: StoredFile[] = [];
    const prefix = `${type}/`;
    for (const [key, { bytes, listedFromMs }] of this.files)
      if (key.startsWith(prefix) && listedFromMs <= nowMs)
        listed.push({ name: key.slice(prefix.length), sizeBytes: bytes.length });
    for (const [key, { sizeBytes, listedUntilMs }] of this.#removed)
      if (key.startsWith(prefix) && nowMs < listedUntilMs)
        listed.push({ name: key.slice(prefix.length), sizeBytes });
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  names(type: FileType): Id[] {
    const prefix = `${type}/`;
    return [...this.files.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }
}
