/** Snapshots made by hand, node by node, so that a test can store what no backup would; and a restore of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { toGoMode } from '../../engine/format/file-mode.ts';
import { type Id, idOf } from '../../engine/format/id.ts';
import type { Node } from '../../engine/format/node.ts';
import { encodeTree } from '../../engine/format/tree.ts';
import { type RestoreRequest, runRestore } from '../../engine/job/restore.ts';
import type { RestoreSummary } from '../../engine/job/restore-telling.ts';
import type { RestoreNews, RestoreProgress } from '../../engine/protocol/run-news.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { HandPacker } from '../support/hand-packer.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

export const noon = '2020-02-02T12:00:00.123456789Z';
export const noonNs = 1_580_644_800_123_456_789n;

export class RestoreWorld {
  readonly box = mkdtempSync(join(tmpdir(), 'slackwater-restore-'));
  readonly target = join(this.box, 'target');
  readonly outside = join(this.box, 'outside');
  readonly backend = new MemoryBackend();
  readonly news: RestoreNews[] = [];
  readonly progress: RestoreProgress[] = [];
  readonly #index = new BlobIndex();
  #repository: TestRepository | undefined;
  #packer: HandPacker | undefined;

  async open(): Promise<this> {
    this.#repository = await testRepository({ backend: this.backend });
    this.#packer = new HandPacker(this.#repository, this.#index, 4_000);
    return this;
  }

  remove(): void {
    rmSync(this.box, { recursive: true });
  }

  get repository(): TestRepository {
    return this.#repository!;
  }

  store(type: 'data' | 'tree', plaintext: Uint8Array): Id {
    return this.#packer!.store(type, plaintext).id;
  }

  file(name: string, pieces: readonly (string | Uint8Array)[], change: Partial<Node> = {}): Node {
    const bytes = pieces.map((piece) => Buffer.from(piece));
    const content = bytes.map((piece) => this.store('data', piece));
    const size = bytes.reduce((sum, piece) => sum + piece.length, 0);
    return { ...node(name, 'file', 0o640), size, content, links: 1, ...change };
  }

  folder(name: string, nodes: readonly Node[], change: Partial<Node> = {}): Node {
    return { ...node(name, 'dir', 0o750), subtree: this.tree(nodes), ...change };
  }

  symlink(name: string, linkTarget: string, change: Partial<Node> = {}): Node {
    return { ...node(name, 'symlink', 0o777), links: 1, linkTarget: fromText(linkTarget), ...change };
  }

  /** Sorted as they must be; names twice there pass, for a hostile writer can do that too. */
  tree(nodes: readonly Node[]): Id {
    const sorted = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
    const isProper = sorted.every((each, i) => i === 0 || sorted[i - 1]!.name < each.name);
    const bytes = isProper
      ? encodeTree(sorted)
      : Buffer.from(
          `{"nodes":[${sorted.map((each) => encodeTree([each]).toString().slice(10, -3)).join(',')}]}\n`,
        );
    return this.store('tree', bytes);
  }

  async restore(
    nodes: readonly Node[],
    change: Partial<RestoreRequest> = {},
    signal = new AbortController().signal,
  ): Promise<RestoreSummary> {
    const tree = this.tree(nodes);
    await this.#packer!.end();
    this.news.length = 0;
    this.progress.length = 0;
    const request: RestoreRequest = {
      tree,
      path: fromText('/'),
      target: fromText(this.target),
      overwrite: 'always',
      delete: false,
      dryRun: false,
      verify: true,
      sparse: false,
      trust: { devices: true, setIdBits: true },
      count: true,
      ...change,
    };
    const listener = {
      progress: (progress: RestoreProgress) => void this.progress.push(progress),
      news: (news: RestoreNews) => void this.news.push(news),
    };
    return await runRestore(this.repository, request, listener, signal);
  }

  errors(): string[] {
    return this.news.flatMap((each) => (each.type === 'error' ? [`${each.item}: ${each.message}`] : []));
  }

  actions(): string[] {
    return this.news.flatMap((each) => (each.type === 'restored' ? [`${each.action} ${each.path}`] : []));
  }

  /** The pack that holds the blob is changed within it. */
  damage(content: Uint8Array | string): void {
    const location = this.#index.locate('data', idOf(Buffer.from(content)))[0]!;
    const pack = this.backend.files.get(`pack/${location.packId}`)!;
    pack[location.offset + 20]! ^= 1;
  }
}

export function node(name: string, type: Node['type'], permissions: number): Node {
  return {
    name: fromLatin1(name),
    type,
    mode: toGoMode(type, permissions),
    mtime: noon,
    atime: noon,
    ctime: noon,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    inode: 1n,
    deviceId: 1n,
    size: 0,
    links: 0,
    extendedAttributes: [],
    device: 0n,
  };
}
