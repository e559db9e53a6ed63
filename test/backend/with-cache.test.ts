import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, configFile, type FileName, type FileType } from '../../engine/backend/backend.ts';
import { CacheFolder } from '../../engine/backend/cache-folder.ts';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { overCache } from '../../engine/backend/open-backend.ts';
import { keepForOffline, withCache } from '../../engine/backend/with-cache.ts';
import { Failure } from '../../engine/base/failure.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { seededChance, type VirtualClock, virtualClock } from '../support/fixed-world.ts';
import { MemoryBackend } from '../support/memory-backend.ts';

let root: string;
let folder: string;
let clock: VirtualClock;
let store: MemoryBackend;
let cache: CacheFolder;
let backend: Backend;

const chance = seededChance('cache');
const openCache = (packBytesMax = 1e9): CacheFolder =>
  new CacheFolder({ folder, packBytesMax, chance, clock });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slackwater-cache-'));
  folder = join(root, 'cache', 'ab'.repeat(32));
  clock = virtualClock(0n);
  store = new MemoryBackend();
  cache = openCache();
  backend = withCache(store, cache);
});

afterEach(() => rmSync(root, { recursive: true }));

const fileOf = (type: FileType, content: string | Buffer): FileName => ({
  type,
  name: hash('sha256', content, 'hex'),
  ...(type === 'pack' ? { holdsTrees: true } : {}),
});

/** In the store, put there by somebody else. */
async function stored(type: FileType, content: string | Buffer): Promise<FileName> {
  const file = fileOf(type, content);
  await store.save(file, [Buffer.from(content as string)]);
  store.asked.length = 0;
  return file;
}

const loads = (): string[] => store.asked.filter((asked) => asked.startsWith('load'));
const pathOf = ({ type, name }: FileName): string =>
  type === 'pack'
    ? join(folder, 'data', name.slice(0, 2), name)
    : join(folder, `${type}s`.replace('indexs', 'index'), name);

backendContract('a backend with a cache before it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'slackwater-cache-'));
  const own = { folder: join(home, 'cache'), packBytesMax: 1e9, chance, clock: virtualClock(0n) };
  return {
    backend: withCache(new MemoryBackend(), new CacheFolder(own)),
    remove: async () => rmSync(home, { recursive: true }),
  };
});

describe('index files and snapshots', () => {
  it('are fetched once, and kept for the owner only', async () => {
    for (const type of ['index', 'snapshot'] as const) {
      const file = await stored(type, `the ${type}`);
      for (let i = 0; i < 3; i++)
        expect(Buffer.from(await backend.load(file)).toString()).toBe(`the ${type}`);
      expect(loads()).toHaveLength(1);
      expect(statSync(pathOf(file)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('are read back from the store after they were saved, not from here', async () => {
    const file = fileOf('snapshot', 'mine');
    await backend.save(file, [Buffer.from('mine')]);
    store.files.clear();
    await expect(backend.load(file)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are fetched again where the copy is not what it was', async () => {
    const file = await stored('index', 'the index');
    await backend.load(file);
    for (const bad of ['the indeX', 'the', '']) {
      writeFileSync(pathOf(file), bad);
      expect(Buffer.from(await withCache(store, openCache()).load(file)).toString()).toBe('the index');
      expect(readFileSync(pathOf(file), 'utf8')).toBe('the index');
    }
  });

  it('are not kept where the store gives other bytes than their name says', async () => {
    const file = fileOf('index', 'the index');
    store.files.set(`index/${file.name}`, Buffer.from('garbled'));
    expect(Buffer.from(await backend.load(file)).toString()).toBe('garbled');
    store.files.set(`index/${file.name}`, Buffer.from('the index'));
    expect(Buffer.from(await backend.load(file)).toString()).toBe('the index');
  });

  it('are dropped when the store has them no more', async () => {
    const [gone, removed, kept] = [
      await stored('index', 'a'),
      await stored('index', 'b'),
      await stored('index', 'c'),
    ];
    for (const file of [gone, removed, kept]) await backend.load(file);
    store.files.delete(`index/${gone.name}`);
    await backend.remove(removed);
    for await (const _ of backend.list('index'));
    expect(readdirSync(join(folder, 'index'))).toEqual([kept.name]);
  });
});

describe('packs', () => {
  const content = Buffer.alloc(10_000, 'tree');
  const part = { offset: 100, length: 50 };

  it('of trees are fetched whole after a few parts, and then served from here', async () => {
    const file = await stored('pack', content);
    for (let i = 0; i < 10; i++)
      expect(content.subarray(100, 150).equals(await backend.load(file, part))).toBe(true);
    expect(loads()).toHaveLength(3);
    expect(content.equals(readFileSync(pathOf(file)))).toBe(true);
    await expect(backend.load(file, { offset: 9_999, length: 2 })).rejects.toMatchObject({ code: 'damaged' });
  });

  it('of trees are kept when they are saved; others never are', async () => {
    const file = fileOf('pack', content);
    await backend.save(file, [content]);
    expect(content.subarray(100, 150).equals(await backend.load(file, part))).toBe(true);
    expect(loads()).toEqual([]);
    const data = Buffer.from('data');
    const other: FileName = { type: 'pack', name: hash('sha256', data, 'hex') };
    await backend.save(other, [data]);
    for (let i = 0; i < 5; i++) await backend.load(other, { offset: 0, length: 2 });
    expect(loads()).toHaveLength(5);
  });

  it('stay within their limit, the longest unused going first, in the next session too', async () => {
    const packs = [0, 1, 2, 3].map((i) => Buffer.alloc(1_000, `${i}`));
    cache = openCache(2_500);
    for (const [i, bytes] of packs.entries()) {
      await clock.advance(10_000);
      await cache.put(fileOf('pack', bytes), [bytes]);
      if (i >= 1) expect(await cache.get(fileOf('pack', packs[0]!))).toBeDefined();
    }
    const there = async (among: CacheFolder): Promise<boolean[]> =>
      await Promise.all(packs.map((bytes) => among.has(fileOf('pack', bytes))));
    expect(await there(cache)).toEqual([true, false, false, true]);
    const next = openCache(1_500);
    await next.put(fileOf('pack', packs[1]!), [packs[1]!]);
    expect((await there(next)).filter(Boolean)).toEqual([true]);
    expect((await there(next))[1]).toBe(true);
  });
});

describe('what is never served from here', () => {
  it('are sizes, listings, locks, keys and the config', async () => {
    for (const type of ['lock', 'key', 'snapshot'] as const) {
      const file = await stored(type, type);
      await backend.load(file);
      store.files.clear();
      await expect(backend.stat(file)).rejects.toMatchObject({ code: 'not-found' });
      for await (const found of backend.list(type)) expect(found).toBeUndefined();
      if (type !== 'snapshot') await expect(backend.load(file)).rejects.toMatchObject({ code: 'not-found' });
    }
  });
});

describe('when the store is away', () => {
  it('its copy opens as a repository with less in it, by passwords that still are good', async () => {
    await store.save(configFile, [Buffer.from('config')]);
    const [old, key] = [await stored('key', 'old'), await stored('key', 'new')];
    const snapshot = await stored('snapshot', 'a snapshot');
    await keepForOffline(backend, cache);
    store.files.delete(`key/${old.name}`);
    await keepForOffline(backend, cache);
    await backend.load(snapshot);
    store.before = () => {
      throw new Failure('store-unreachable', {}, { next: 'now' });
    };
    const copy = openLocalBackend(folder, chance);
    expect(Buffer.from(await copy.load(configFile)).toString()).toBe('config');
    const names = async (type: FileType): Promise<string[]> => {
      const found: string[] = [];
      for await (const { name } of copy.list(type)) found.push(name);
      return found;
    };
    expect(await names('key')).toEqual([key.name]);
    expect(await names('snapshot')).toEqual([snapshot.name]);
    expect(await names('pack')).toEqual([]);
  });
});

describe('a cache that does not work', () => {
  it('is nobody’s failure', async () => {
    writeFileSync(join(root, 'cache'), 'a file where a folder should be');
    const file = await stored('index', 'the index');
    expect(Buffer.from(await backend.load(file)).toString()).toBe('the index');
    await backend.save(fileOf('pack', 'tree'), [Buffer.from('tree')]);
    for await (const _ of backend.list('index'));
    await backend.remove(file);
  });

  it('has a folder of its own for each repository', () => {
    const made = overCache(store, root, 'cd'.repeat(32), { chance, clock });
    expect(made.backend.location).toBe('memory');
    expect(() => overCache(store, root, '../x', { chance, clock })).toThrow('assertion failed');
  });
});
