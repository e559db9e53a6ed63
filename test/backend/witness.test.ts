import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Backend, FileName, FileType } from '../../engine/backend/backend.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { withRetries } from '../../engine/backend/with-retries.ts';
import { wrapped } from '../../engine/backend/wrapped-backend.ts';
import { damaged, Failure } from '../../engine/base/failure.ts';
import { limits } from '../../engine/base/limits.ts';
import { keyOf, MemoryBackend } from '../support/memory-backend.ts';
import { outcomeOf } from '../support/outcome-of.ts';
import { type TestWorld, testWorld } from '../support/test-repository.ts';

const content = Buffer.from('content');
const named = (type: FileType, bytes: Uint8Array): FileName => ({ type, name: hash('sha256', bytes, 'hex') });
const snapshot = named('snapshot', content);
const large = Buffer.alloc(limits.smallFileBytesMax + 1, 'p');
const pack = named('pack', large);
const keyBytes = Buffer.from('a key');
const key = named('key', keyBytes);

let memory: LyingBackend;
let world: TestWorld;
let backend: Backend;

/** Says of what it has what a lying transport would say. */
class LyingBackend extends MemoryBackend {
  drops = 0;
  /** Whether an answer is a lie. */
  isLie: (kind: 'load' | 'stat' | 'save' | 'list', file: FileName) => boolean = () => false;
  lie: 'gone' | 'otherwise' = 'gone';

  override async load(...args: Parameters<MemoryBackend['load']>): Promise<Uint8Array> {
    const bytes = await super.load(...args);
    if (!this.#lies('load', args[0])) return bytes;
    return bytes.subarray(1);
  }

  override async stat(...args: Parameters<MemoryBackend['stat']>): Promise<number> {
    const sizeBytes = await super.stat(...args);
    return this.#lies('stat', args[0]) ? sizeBytes - 1 : sizeBytes;
  }

  override async save(...args: Parameters<MemoryBackend['save']>): Promise<void> {
    if (this.#lies('save', args[0])) this.asked.push(`refused ${keyOf(args[0])}`);
    else await super.save(...args);
  }

  override async *list(...args: Parameters<MemoryBackend['list']>): ReturnType<MemoryBackend['list']> {
    const lies = this.isLie('list', { type: args[0], name: '' });
    for await (const file of super.list(...args)) if (!lies) yield file;
  }

  dropIdle(): void {
    this.drops++;
  }

  #lies(kind: 'load' | 'stat' | 'save', file: FileName): boolean {
    if (!this.isLie(kind, file)) return false;
    if (this.lie === 'gone' || kind === 'save')
      throw new Failure('not-found', { what: file.type, id: file.name });
    return true;
  }
}

/** Lies to the first so many questions of these kinds. */
function liesTo(count: number, ...kinds: string[]): (kind: string) => boolean {
  let left = count;
  return (kind) => kinds.includes(kind) && left-- > 0;
}

const settled = <T>(work: Promise<T>, ms = 20 * 60_000) => outcomeOf(work, world, ms);
const sends = (): string[] => memory.asked.filter((asked) => asked.startsWith('save'));

beforeEach(async () => {
  memory = new LyingBackend();
  world = testWorld();
  const line = new StoreLine();
  line.isProven = true;
  backend = wrapped(memory, [withRetries(memory, line, world)]);
  memory.files.set(keyOf(key), keyBytes);
  memory.files.set(keyOf(snapshot), content);
  await backend.load(key);
  memory.asked.length = 0;
});

describe.each(['gone', 'otherwise'] as const)('a file that is said to be %s', (lie) => {
  beforeEach(() => {
    memory.lie = lie;
  });

  it.each([1, 2, 3, 8])('by %i lies is given as it is', async (count) => {
    memory.isLie = liesTo(count, 'load');
    expect(await settled(backend.load(snapshot))).toEqual({ value: Uint8Array.from(content) });
    expect(memory.drops).toBeGreaterThan(0);
  });

  it('by what shows the key as it is, twice, is believed to be so', async () => {
    if (lie === 'gone') memory.files.delete(keyOf(snapshot));
    else memory.files.set(keyOf(snapshot), Buffer.from('another'));
    const wanted =
      lie === 'gone'
        ? { error: expect.objectContaining({ code: 'not-found' }) }
        : { value: Uint8Array.from(Buffer.from('another')) };
    expect(await settled(backend.load(snapshot), 0)).toEqual(wanted);
    expect(memory.asked.map((asked) => asked.slice(0, 8))).toEqual(['load sna', 'load key', 'load sna']);
  });

  it.each([1, 2, 3, 8])('after an upload, by %i lies, is not sent again', async (count) => {
    let lost = 1;
    memory.afterSave = () => {
      if (lost-- > 0) throw new Failure('not-the-store', {}, { next: 'later' });
    };
    memory.isLie = liesTo(count, 'stat', 'load');
    expect(await settled(backend.save(pack, [large]))).toEqual({ value: undefined });
    expect(sends()).toHaveLength(1);
  });
});

it('an upload that is refused because its folder is gone is tried again once that is disproved', async () => {
  memory.isLie = liesTo(1, 'save');
  expect(await settled(backend.save(pack, [large]))).toEqual({ value: undefined });
  memory.isLie = (kind) => kind === 'save';
  const other = named('pack', Buffer.from('other'));
  expect(await settled(backend.save(other, [Buffer.from('other')]), 0)).toMatchObject({
    error: { code: 'not-found' },
  });
});

it('a listing in which nothing is has to say so twice, but for locks', async () => {
  const names = async (type: FileType): Promise<number> => {
    let count = 0;
    for await (const _ of backend.list(type)) count++;
    return count;
  };
  memory.isLie = liesTo(1, 'list');
  expect(await settled(names('snapshot'))).toEqual({ value: 1 });
  expect(await settled(names('index'), 0)).toEqual({ value: 0 });
  memory.asked.length = 0;
  expect(await settled(names('lock'), 0)).toEqual({ value: 0 });
  expect(memory.asked).toHaveLength(1);
});

it('where the key was removed by somebody else, another file bears witness', async () => {
  await backend.load(snapshot);
  memory.files.delete(keyOf(key));
  const gone = named('snapshot', Buffer.from('gone'));
  expect(await settled(backend.load(gone), 0)).toMatchObject({ error: { code: 'not-found' } });
});

it('where all is gone, that is said in the end', async () => {
  memory.files.clear();
  const asking = backend.load(snapshot);
  expect(await settled(asking, limits.doubtMsMax / 2)).toBe('waiting');
  await world.clock.advance(3 * limits.doubtMsMax);
  await expect(asking).rejects.toMatchObject({ code: 'not-found' });
});

describe('where all is gone, and that was believed', () => {
  const others = ['one', 'two', 'three'].map((each) => named('snapshot', Buffer.from(each)));

  beforeEach(async () => {
    memory.files.clear();
    const first = settled(backend.load(snapshot));
    expect(await first).toMatchObject({ error: { code: 'not-found' } });
    memory.asked.length = 0;
  });

  it('the next ones are believed the second time, without a wait', async () => {
    for (const other of others)
      expect(await settled(backend.load(other), 0)).toMatchObject({ error: { code: 'not-found' } });
    expect(memory.asked.map((asked) => asked.slice(0, 8)).slice(0, 3)).toEqual([
      'load sna',
      'load key',
      'load sna',
    ]);
  });

  it('a file that is there is given after one lie', async () => {
    memory.files.set(keyOf(snapshot), content);
    memory.isLie = (kind, { type }) => kind === 'load' && type === 'snapshot' && memory.asked.length === 1;
    expect(await settled(backend.load(snapshot), 0)).toEqual({ value: Uint8Array.from(content) });
  });

  it.each([
    ['is shown again', () => backend.load(key)],
    ['bears witness', () => backend.load(others[0]!).catch(() => undefined)],
  ])('and the key %s, the store is waited for as before', async (_, see) => {
    memory.files.set(keyOf(key), keyBytes);
    await settled(see(), 0);
    memory.files.clear();
    const asking = backend.load(others[1]!);
    expect(await settled(asking, limits.doubtMsMax / 2)).toBe('waiting');
    await world.clock.advance(3 * limits.doubtMsMax);
    await expect(asking).rejects.toMatchObject({ code: 'not-found' });
  });
});

it('who has no time for that is told that nothing it says can be believed', async () => {
  memory.files.clear();
  const line = Object.assign(new StoreLine(), { witnesses: [key] });
  const patience = { kind: 'ask', elapsedMsMax: 1_000 } as const;
  const hurried = wrapped(memory, [withRetries(memory, line, world, () => patience)]);
  expect(await settled(hurried.load(snapshot), 1_000)).toMatchObject({ error: { code: 'not-the-store' } });
});

it('a key that cannot be had now says nothing against the file that was asked for', async () => {
  memory.files.set('config/', Buffer.from('config'));
  memory.isLie = liesTo(1, 'load');
  let failures = 7;
  memory.before = (operation, { type }) => {
    if (operation === 'load' && type === 'key' && failures-- > 0)
      throw new Failure('store-unreachable', {}, { next: 'now' });
  };
  expect(await settled(backend.load(snapshot))).toEqual({ value: Uint8Array.from(content) });
});

it('a part of a pack that is said to be too short is asked for again', async () => {
  memory.files.set(keyOf(pack), large);
  let lies = 1;
  memory.before = (operation, { type }) => {
    if (operation === 'load' && type === 'pack' && lies-- > 0)
      throw damaged('pack', pack.name, 'it is too short');
  };
  expect(await settled(backend.load(pack, { offset: 1, length: 3 }))).toEqual({
    value: Uint8Array.from(Buffer.from('ppp')),
  });
});
