/** Fills a repository with trees made by hand, hostile ones too: for tests of what reads a repository. */
import { fromText } from '../../engine/base/byte-string.ts';
import { zeroTime } from '../../engine/format/go-time.ts';
import { type Id, idOf } from '../../engine/format/id.ts';
import { encodeNode, type Node } from '../../engine/format/node.ts';
import { encodeSnapshot, type Snapshot } from '../../engine/format/snapshot-file.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import type { NamedSnapshot } from '../../engine/repo/snapshots.ts';
import { HandPacker } from './hand-packer.ts';
import { saveFile } from './save-file.ts';

export type NodeChange = Partial<Omit<Node, 'name'>>;

/** A name and what stands under it: a file's content, a folder's entries, or a node as it is. */
export interface Entries {
  readonly [name: string]: string | Uint8Array | Entries | Node;
}

export class StoredTrees {
  readonly index = new BlobIndex();
  readonly #repository: Repository;
  readonly #packer: HandPacker;

  constructor(repository: Repository, packBytesTarget?: number) {
    this.#repository = repository;
    this.#packer = new HandPacker(repository, this.index, packBytesTarget);
  }

  /** Stores a data blob, or a tree blob as it is, well formed or not. */
  blob(content: string | Uint8Array, type: 'data' | 'tree' = 'data'): Id {
    return this.#packer.store(type, Buffer.from(content)).id;
  }

  file(name: string, content: string | Uint8Array, change: NodeChange = {}): Node {
    const bytes = Buffer.from(content);
    const ids = bytes.length === 0 ? [] : [this.blob(bytes)];
    return makeNode(name, {
      type: 'file',
      mode: 0o644,
      size: bytes.length,
      links: 1,
      content: ids,
      ...change,
    });
  }

  folder(name: string, entries: Entries | readonly Node[], change: NodeChange = {}): Node {
    return makeNode(name, { type: 'dir', mode: 2 ** 31 + 0o755, subtree: this.tree(entries), ...change });
  }

  /** A list of nodes is stored as it is, in whatever order. */
  tree(entries: Entries | readonly Node[]): Id {
    const nodes = Array.isArray(entries) ? entries : this.#nodes(entries as Entries);
    return this.blob(`{"nodes":[${nodes.map(encodeNode).join(',')}]}\n`, 'tree');
  }

  #nodes(entries: Entries): Node[] {
    const nodes = Object.entries(entries).map(([name, what]) => {
      if (typeof what === 'string' || what instanceof Uint8Array) return this.file(name, what);
      return isNode(what) ? what : this.folder(name, what);
    });
    return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async snapshot(tree: Id, change: Partial<Snapshot> = {}): Promise<NamedSnapshot> {
    await this.store();
    const snapshot = {
      time: '2024-05-06T07:08:09Z',
      tree,
      paths: [fromText('/home/me')],
      hostname: 'testhost',
      username: 'tester',
      uid: 0,
      gid: 0,
      excludes: [],
      tags: [],
      ...change,
    };
    return { id: await saveFile(this.#repository, 'snapshot', encodeSnapshot(snapshot)), ...snapshot };
  }

  /** Sends what is still open, with an index of it. */
  async store(): Promise<void> {
    await this.#packer.end();
  }
}

function isNode(what: Entries | Node): what is Node {
  return 'type' in what && typeof what.type === 'string' && 'mtime' in what;
}

export function makeNode(name: string, change: NodeChange = {}): Node {
  return {
    name: fromText(name),
    type: 'file',
    mode: 0o644,
    mtime: '2024-05-06T07:08:09Z',
    atime: zeroTime,
    ctime: zeroTime,
    uid: 0,
    gid: 0,
    inode: BigInt(`0x${idOf(Buffer.from(name)).slice(0, 8)}`),
    deviceId: 1n,
    size: 0,
    links: 0,
    extendedAttributes: [],
    device: 0n,
    ...change,
  };
}

/** Everything that an asynchronous listing gives. */
export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
