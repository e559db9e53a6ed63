import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Backend, FileName } from '../../engine/backend/backend.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { withRetries } from '../../engine/backend/with-retries.ts';
import { wrapped } from '../../engine/backend/wrapped-backend.ts';
import { Failure } from '../../engine/base/failure.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { MemoryBackend, type Operation } from '../support/memory-backend.ts';
import { outcomeOf } from '../support/outcome-of.ts';
import { type TestWorld, testWorld } from '../support/test-repository.ts';

const content = Buffer.from('content');
const file: FileName = { type: 'snapshot', name: hash('sha256', content, 'hex') };
const reset = (): Failure => new Failure('store-unreachable', {}, { next: 'now' });
const busy = (retryAfterMs: number): Failure =>
  new Failure('store-busy', { retryAfterMs }, { next: 'later' });

let memory: MemoryBackend;
let world: TestWorld;
let line: StoreLine;
let backend: Backend;

beforeEach(() => {
  memory = new MemoryBackend();
  world = testWorld();
  line = new StoreLine();
  line.isProven = true;
  backend = wrapped(memory, [withRetries(memory, line, world)]);
});

/** The next operations of that kind fail so; undefined is one that goes well. */
function failNext(operation: Operation, failures: (Failure | undefined)[]): void {
  memory.before = (asked) => {
    const failure = asked === operation ? failures.shift() : undefined;
    if (failure !== undefined) throw failure;
  };
}

const settled = <T>(work: Promise<T>, ms: number) => outcomeOf(work, world, ms);

backendContract('a backend with retries around it', async () => {
  const inner = new MemoryBackend();
  return {
    backend: wrapped(inner, [withRetries(inner, new StoreLine(), testWorld())]),
    remove: async () => {},
  };
});

describe('an upload', () => {
  it('whose answer was lost is asked about, and neither sent again nor removed', async () => {
    let lost = 1;
    memory.afterSave = () => {
      if (lost-- > 0) throw reset();
    };
    expect(await settled(backend.save(file, [content]), 1_000)).toEqual({ value: undefined });
    expect(memory.asked.map((asked) => asked.split(' ')[0])).toEqual(['save', 'stat', 'load']);
  });

  it('that did not arrive is sent again, however long the outage lasts', async () => {
    failNext('save', Array.from({ length: 500 }, reset));
    const day = 24 * 3_600_000;
    expect(await settled(backend.save(file, [content]), 1_000)).toBe('waiting');
    expect(line.waits).toMatchObject([{ operation: 'save', failure: { code: 'store-unreachable' } }]);
    await world.clock.advance(day);
    expect(memory.files.get(`snapshot/${file.name}`)).toEqual(content);
    expect(line.waits).toEqual([]);
  });

  it('of which a part arrived is sent again whole', async () => {
    let lost = 1;
    memory.afterSave = () => {
      if (lost-- <= 0) return;
      memory.files.set(`snapshot/${file.name}`, content.subarray(0, 3));
      throw reset();
    };
    expect(await settled(backend.save(file, [content]), 1_000)).toEqual({ value: undefined });
    expect(memory.files.get(`snapshot/${file.name}`)).toEqual(content);
  });

  it('is sent again only when it could be asked about', async () => {
    let lost = 1;
    memory.afterSave = () => {
      if (lost-- > 0) throw reset();
    };
    failNext('stat', [reset(), reset(), reset()]);
    expect(await settled(backend.save(file, [content]), 60_000)).toEqual({ value: undefined });
    expect(memory.asked.filter((asked) => asked.startsWith('save'))).toHaveLength(1);
  });
});

describe('a wait', () => {
  it('is as long as the store says', async () => {
    failNext('stat', [busy(20_000), busy(20_000)]);
    const work = backend.stat(file);
    expect(await settled(work, 19_999)).toBe('waiting');
    expect(memory.asked).toHaveLength(1);
    await world.clock.advance(2_001);
    expect(memory.asked).toHaveLength(2);
    await world.clock.advance(22_000);
    await expect(work).rejects.toMatchObject({ code: 'not-found' });
  });

  it('ends when somebody says: try now', async () => {
    memory.files.set(`snapshot/${file.name}`, content);
    failNext('load', [busy(3_600_000), busy(3_600_000)]);
    const work = backend.load(file);
    expect(await settled(work, 10)).toBe('waiting');
    line.tryNow();
    expect(await settled(work, 10)).toBe('waiting');
    line.tryNow();
    expect(Buffer.from(await work)).toEqual(content);
  });

  it('ends with a cancel', async () => {
    failNext('load', [busy(3_600_000)]);
    const controller = new AbortController();
    const work = backend.load(file, undefined, controller.signal);
    expect(await settled(work, 10)).toBe('waiting');
    expect(line.waits).toHaveLength(1);
    controller.abort();
    expect(await settled(work, 0)).toMatchObject({ error: { code: 'cancelled' } });
    expect(line.waits).toEqual([]);
  });

  it('is not for a question that has no time', async () => {
    line.patience = { kind: 'ask', elapsedMsMax: 5_000 };
    failNext('list', [busy(6_000)]);
    const list = async (): Promise<void> => {
      for await (const _ of backend.list('pack'));
    };
    expect(await settled(list(), 0)).toMatchObject({ error: { code: 'store-busy' } });
  });
});

describe('what is not tried again', () => {
  it('is a file that is not there, or one that is damaged', async () => {
    expect(await settled(backend.load(file), 0)).toMatchObject({ error: { code: 'not-found' } });
    expect(memory.asked).toHaveLength(1);
  });

  it('is a login that never worked; one that worked before may work again', async () => {
    const refused = (): Failure => new Failure('login-refused', { status: 403 });
    failNext('save', [refused()]);
    expect(await settled(backend.save(file, [content]), 10_000)).toEqual({ value: undefined });
    line.isProven = false;
    failNext('save', [refused()]);
    expect(await settled(backend.save(file, [content]), 0)).toMatchObject({
      error: { code: 'login-refused' },
    });
  });

  it('is one file that cannot be read while others can, for longer than a few seconds', async () => {
    memory.files.set('config/', Buffer.from('config'));
    memory.before = (operation, { type }) => {
      if (operation === 'load' && type === 'snapshot')
        throw new Failure('store-busy', { status: 500 }, { next: 'later' });
    };
    expect(await settled(backend.load(file), 10_000)).toMatchObject({ error: { code: 'store-busy' } });
    expect(memory.asked.filter((asked) => asked.startsWith('load snapshot'))).toHaveLength(4);
  });

  it('but not one that comes again when another does', async () => {
    memory.files.set('config/', Buffer.from('config'));
    memory.files.set(`snapshot/${file.name}`, content);
    let failures = 3;
    memory.before = (operation, { type }) => {
      if (operation === 'load' && type === 'snapshot' && failures-- > 0) throw reset();
    };
    expect(await settled(backend.load(file), 10_000)).toEqual({ value: Uint8Array.from(content) });
    expect(memory.asked.at(-2)).toBe('load config/');
  });
});

describe('a listing', () => {
  it('that broke off is made again, and tells each file once', async () => {
    await memory.save(file, [content]);
    let broken = 1;
    const list = memory.list.bind(memory);
    memory.list = async function* (type, signal) {
      for await (const each of list(type, signal)) {
        yield each;
        if (broken-- > 0) throw reset();
      }
    };
    const found: string[] = [];
    const all = async (): Promise<void> => {
      for await (const { name } of backend.list('snapshot')) found.push(name);
    };
    expect(await settled(all(), 1_000)).toEqual({ value: undefined });
    expect(found).toEqual([file.name]);
  });
});
