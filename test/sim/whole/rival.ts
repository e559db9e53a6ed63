/**
 * Somebody else with restic on the same repository: takes locks as restic does, forgets and prunes as restic does, removes
 * stale locks, and sometimes all of them. May die in the middle, and leaves its lock then.
 */
import { formatTime, parseTime } from '../../../engine/format/go-time.ts';
import type { Id } from '../../../engine/format/id.ts';
import { decodeIndex, encodeIndex, type IndexedPack } from '../../../engine/format/index-file.ts';
import { decodeLock, encodeLock, type Lock } from '../../../engine/format/lock-file.ts';
import { loadTree } from '../../../engine/repo/load-blob.ts';
import { loadIndex } from '../../../engine/repo/load-index.ts';
import type { Repository } from '../../../engine/repo/repository.ts';
import { loadSnapshot } from '../../../engine/repo/snapshots.ts';
import { decodeFile, loadFile, openFile, sealFile } from '../../../engine/repo/unpacked-files.ts';
import { saveFile } from '../../support/save-file.ts';
import type { Scene } from './scene.ts';

const minuteMs = 60_000;

export class Rival {
  readonly #scene: Scene;
  readonly #repository: Repository;
  readonly #name: string;
  readonly locks = new Set<Id>();

  constructor(scene: Scene, repository: Repository, name: string) {
    this.#scene = scene;
    this.#repository = repository;
    this.#name = name;
  }

  async live(): Promise<void> {
    const { dice, chaos } = this.#scene;
    for (;;) {
      await this.#scene.pause(dice.between(1_000, chaos.chaosMs / dice.pick([3, 12])));
      if (this.#scene.isCalm) return;
      const work = dice.pick(['forget', 'prune', 'prune', 'unlock', 'both'] as const);
      if (work === 'unlock' || dice.isLucky(0.3)) await this.#unlock();
      if (work !== 'unlock') await this.#alone(work);
    }
  }

  /** When all is calm, somebody has cleared away what the dead have left. */
  clear(): void {
    for (const id of this.locks) this.#remove('lock', id);
  }

  /**
   * A prune that was planned before these snapshots were visible goes on to its end, though its lock is gone. `unnamed`:
   * packs that no index named by then, which is all that it removes; else it replaces every index first.
   */
  async pruneLate(unseen: ReadonlySet<Id>, unnamed: ReadonlySet<Id> | undefined): Promise<void> {
    const { store, counts } = this.#scene;
    const plan = await this.#plan(unseen);
    if (plan === undefined) return;
    counts.add('rival: prunes a day late');
    const { indexIds, packs, isUsed } = plan;
    const kept = packs.filter(isUsed);
    if (unnamed === undefined) {
      if (kept.length > 0) await saveFile(this.#repository, 'index', encodeIndex(kept));
      for (const id of indexIds) this.#remove('index', id);
    }
    const useless = packs.filter((pack) => !isUsed(pack) && unnamed?.has(pack.id) !== false);
    this.#scene.note(`${this.#name} removes ${useless.length} packs late`);
    for (const { id } of useless) if (store.files.has(`pack/${id}`)) this.#removePack(id);
  }

  /** Undefined where something is damaged: then restic prunes nothing. */
  async #plan(unseen: ReadonlySet<Id> = new Set()) {
    const { store, counts } = this.#scene;
    const indexIds = store.names('index');
    const packs: IndexedPack[] = [];
    try {
      for (const id of indexIds) packs.push(...(await this.#namedIn(id)));
      const used = await this.#usedBlobs(unseen);
      const isUsed = ({ blobs }: IndexedPack): boolean =>
        blobs.some(({ type, id }) => used.has(`${type} ${id}`));
      return { indexIds, packs, isUsed };
    } catch {
      counts.add('rival: cannot prune what is damaged');
      return undefined;
    }
  }

  async #unlock(): Promise<void> {
    const { chaos, dice, store, time } = this.#scene;
    const removesAll = chaos.mayUnlockAll && dice.isLucky(0.6);
    for (const { name } of store.list('lock', time.nowMs)) {
      const lock = this.#readLock(name);
      if (lock === undefined) continue;
      const ageMs = this.#wallMs() - Number(parseTime(lock.time) / 1_000_000n);
      if (!removesAll && ageMs < 30 * minuteMs) continue;
      this.#scene.counts.add(removesAll ? 'rival: removes a live lock' : 'rival: removes a stale lock');
      this.#scene.watch.isLockRemoved = true;
      this.#scene.note(`${this.#name} removes lock ${name.slice(0, 8)}`);
      this.#remove('lock', name);
    }
  }

  async #alone(work: 'forget' | 'prune' | 'both'): Promise<void> {
    const { dice, counts, chaos } = this.#scene;
    const lock = await this.#takeLock();
    if (lock === undefined) {
      counts.add('rival: is locked out');
      return;
    }
    // What it lists of snapshots has settled.
    await this.#scene.pause(dice.between(10, 2_000) + chaos.lagMs);
    if (work !== 'prune') this.#forget();
    if (work !== 'forget' && (await this.#prune(lock)) === 'died') return;
    this.#remove('lock', lock);
    this.locks.delete(lock);
  }

  /** Looks, writes, waits 200 ms, looks again. */
  async #takeLock(): Promise<Id | undefined> {
    const { dice } = this.#scene;
    if (this.#othersLock()) return undefined;
    await this.#scene.pause(dice.between(5, 300));
    const time = formatTime(this.#repository.world.clock.wallNs());
    const lock: Lock = { time, exclusive: true, hostname: this.#name, username: 'r', pid: 7, uid: 0, gid: 0 };
    const file = sealFile(this.#repository, 'lock', encodeLock(lock));
    await this.#repository.backend.save({ type: 'lock', name: file.id }, [file.bytes]);
    this.locks.add(file.id);
    await this.#scene.pause(200 + dice.between(5, 300));
    if (!this.#othersLock()) return file.id;
    this.#remove('lock', file.id);
    this.locks.delete(file.id);
    return undefined;
  }

  #othersLock(): boolean {
    const { store, time } = this.#scene;
    return store.list('lock', time.nowMs).some(({ name }) => !this.locks.has(name));
  }

  #forget(): void {
    const { dice, store, counts } = this.#scene;
    for (const id of store.names('snapshot')) {
      if (!dice.isLucky(0.5)) continue;
      counts.add('rival: forgets');
      this.#scene.note(`${this.#name} forgets ${id.slice(0, 8)}`);
      this.#remove('snapshot', id);
    }
  }

  async #namedIn(id: string): Promise<IndexedPack[]> {
    const json = await loadFile(this.#repository, 'index', id);
    return decodeFile('index', id, json, decodeIndex);
  }

  /** When all is calm its lock is cleared away, so that it must not go on. Packs that no index names go first, then the index is replaced, then packs go whose blobs nobody uses. */
  async #prune(lock: Id): Promise<'done' | 'died'> {
    const { store, counts, dice, watch } = this.#scene;
    const remove = (packs: readonly Id[]): void => {
      const isLocked = store.files.has(`lock/${lock}`);
      for (const id of packs) {
        const bytes = store.get('pack', id);
        if (!isLocked && bytes !== undefined) watch.takenSince.set(`pack/${id}`, bytes);
        this.#removePack(id);
      }
    };
    const plan = await this.#plan();
    if (plan === undefined) return 'done';
    const { indexIds, packs, isUsed } = plan;
    const named = new Set(packs.map(({ id }) => id));
    const unnamed = store.names('pack').filter((id) => !named.has(id));
    const kept = packs.filter((pack) => isUsed(pack) && store.files.has(`pack/${pack.id}`));
    const useless = packs.filter((pack) => !isUsed(pack));
    counts.add('rival: prunes');
    this.#scene.note(`${this.#name} prunes ${unnamed.length} unnamed and ${useless.length} unused packs`);
    await this.#scene.pause(dice.between(10, 20_000));
    if (this.#scene.isCalm) return this.#died();
    remove(unnamed);
    if (dice.isLucky(0.05)) return this.#died();
    if (useless.length === 0) return 'done';
    await this.#scene.pause(dice.between(10, 20_000));
    if (this.#scene.isCalm) return this.#died();
    if (kept.length > 0) await saveFile(this.#repository, 'index', encodeIndex(kept));
    for (const id of indexIds) this.#remove('index', id);
    if (dice.isLucky(0.05)) return this.#died();
    await this.#scene.pause(dice.between(10, 20_000));
    if (this.#scene.isCalm) return this.#died();
    remove(useless.map(({ id }) => id));
    return 'done';
  }

  #removePack(id: Id): void {
    this.#scene.counts.add('rival: removes a pack');
    this.#remove('pack', id);
  }

  #died(): 'died' {
    this.#scene.counts.add('rival: dies');
    // Whoever clears away what the dead have left may have been there before it wrote its lock.
    if (this.#scene.isCalm) this.clear();
    return 'died';
  }

  /** Fails where something is missing or damaged: then restic prunes nothing. */
  async #usedBlobs(unseen: ReadonlySet<Id>): Promise<Set<string>> {
    const used = new Set<string>();
    const index = await loadIndex(this.#repository);
    const visit = async (tree: Id): Promise<void> => {
      if (used.has(`tree ${tree}`)) return;
      used.add(`tree ${tree}`);
      for (const { content = [], subtree } of await loadTree(this.#repository, index, tree)) {
        for (const id of content) {
          if ([...index.locate('data', id)].length === 0) throw new Error('a blob is missing');
          used.add(`data ${id}`);
        }
        if (subtree !== undefined) await visit(subtree);
      }
    };
    for (const id of this.#scene.store.names('snapshot')) {
      if (!unseen.has(id)) await visit((await loadSnapshot(this.#repository, id)).tree);
    }
    return used;
  }

  #readLock(id: Id): Lock | undefined {
    const bytes = this.#scene.store.get('lock', id);
    if (bytes === undefined) return undefined;
    const json = Buffer.from(openFile(this.#repository, { type: 'lock', id, bytes })).toString('utf8');
    return decodeLock(json);
  }

  #remove(type: 'lock' | 'pack' | 'index' | 'snapshot', name: Id): void {
    const { store, time } = this.#scene;
    store.remove(type, name, time.nowMs, 'rival');
  }

  #wallMs(): number {
    return Number(this.#repository.world.clock.wallNs() / 1_000_000n);
  }
}
