/**
 * What every backend owes, as tests that each of them inherits: see the promises in `engine/backend/backend.ts`.
 * To add a backend, call `backendContract` with a function that makes an empty place.
 */
import { createHash, hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, configFile, type FileName, type FileType } from '../../engine/backend/backend.ts';

export interface BackendPlace {
  readonly backend: Backend;
  remove(): Promise<void>;
}

export interface ContractOptions {
  /** Above the size of a page, where the store lists in pages. */
  readonly filesInLongList?: number;
}

const nameOf = (content: string): string => hash('sha256', content, 'hex');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const types: FileType[] = ['key', 'lock', 'snapshot', 'index', 'pack'];

/** Fresh bytes that compress badly, and whose name is their hash. */
function largeFile(bytes: number, seed: string): { file: FileName; content: Buffer } {
  const content = createHash('shake256', { outputLength: bytes }).update(seed).digest();
  return { file: { type: 'pack', name: hash('sha256', content, 'hex') }, content };
}

/** A signal that is aborted after so many turns of the event loop. */
function abortedAfter(turns: number): AbortSignal {
  const controller = new AbortController();
  void (async () => {
    for (let i = 0; i < turns; i++) await nextTurn();
    controller.abort();
  })();
  return controller.signal;
}

/** From at once to long after the end. */
const turnsBeforeCancel = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 1_000];

export function backendContract(
  kind: string,
  makePlace: () => Promise<BackendPlace>,
  { filesInLongList = 1_100 }: ContractOptions = {},
): void {
  describe(`${kind} keeps the contract of backends`, () => {
    let place: BackendPlace;
    let backend: Backend;

    beforeEach(async () => {
      place = await makePlace();
      backend = place.backend;
      await backend.create();
    });

    afterEach(async () => {
      await backend.close();
      await place.remove();
    });

    const save = async (type: FileType, content: string): Promise<FileName> => {
      const file = { type, name: type === 'config' ? '' : nameOf(content) };
      await backend.save(file, [bytesOf(content)]);
      return file;
    };
    const listed = async (type: FileType): Promise<string[]> => {
      const names: string[] = [];
      for await (const { name } of backend.list(type)) names.push(name);
      return names;
    };

    it('gives back what was saved, of every type', async () => {
      for (const type of ['config', ...types] as FileType[]) {
        const file = await save(type, `content of ${type}`);
        expect(Buffer.from(await backend.load(file)).toString()).toBe(`content of ${type}`);
        expect(await backend.stat(file)).toBe(`content of ${type}`.length);
      }
    });

    it('joins parts, empty and large ones too', async () => {
      const large = Buffer.alloc(5_000_000, 'large');
      const many = Array.from({ length: 3000 }, (_, i) => Buffer.from(`part ${i},`));
      const parts = [Buffer.alloc(0), large, ...many, Buffer.alloc(0)];
      const whole = Buffer.concat(parts);
      const file: FileName = { type: 'pack', name: hash('sha256', whole, 'hex') };
      await backend.save(file, parts);
      expect(whole.equals(await backend.load(file))).toBe(true);
    });

    it('loads exactly the range that was asked for', async () => {
      const file = await save('pack', '0123456789');
      const range = async (offset: number, length: number): Promise<string> =>
        Buffer.from(await backend.load(file, { offset, length })).toString();
      expect(await range(0, 10)).toBe('0123456789');
      expect(await range(3, 4)).toBe('3456');
      expect(await range(9, 1)).toBe('9');
      expect(await range(4, 0)).toBe('');
    });

    it('says that a file is damaged when it ends before the range does', async () => {
      const file = await save('pack', '0123456789');
      await expect(backend.load(file, { offset: 5, length: 6 })).rejects.toMatchObject({ code: 'damaged' });
      await expect(backend.load(file, { offset: 50, length: 1 })).rejects.toMatchObject({ code: 'damaged' });
    });

    it('says that a file is not there, and removes what is not there without complaint', async () => {
      for (const type of types) {
        const file = { type, name: nameOf('never saved') };
        await expect(backend.load(file)).rejects.toMatchObject({ code: 'not-found' });
        await expect(backend.stat(file)).rejects.toMatchObject({ code: 'not-found' });
        await backend.remove(file);
      }
      await expect(backend.stat(configFile)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('takes the same content under the same name again', async () => {
      const file = await save('index', 'the same');
      await save('index', 'the same');
      expect(Buffer.from(await backend.load(file)).toString()).toBe('the same');
      expect(await listed('index')).toEqual([file.name]);
    });

    it('lists each file of a type once, with its size, and no other', async () => {
      const contents = Array.from({ length: 300 }, (_, i) => `pack ${i}`);
      for (const content of contents) await save('pack', content);
      await save('snapshot', 'a snapshot');
      const sizes = new Map<string, number>();
      for await (const { name, sizeBytes } of backend.list('pack')) {
        expect(sizes.has(name)).toBe(false);
        sizes.set(name, sizeBytes);
      }
      expect([...sizes.keys()].sort()).toEqual(contents.map(nameOf).sort());
      for (const content of contents) expect(sizes.get(nameOf(content))).toBe(content.length);
      expect(await listed('lock')).toEqual([]);
    });

    it('does not list what was removed', async () => {
      const gone = await save('lock', 'gone');
      const kept = await save('lock', 'kept');
      await backend.remove(gone);
      expect(await listed('lock')).toEqual([kept.name]);
      await expect(backend.load(gone)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('does nothing for a caller that has given up', async () => {
      const signal = AbortSignal.abort();
      const file = { type: 'pack' as const, name: nameOf('cancelled') };
      const cancelled = { code: 'cancelled' };
      await expect(backend.save(file, [bytesOf('cancelled')], signal)).rejects.toMatchObject(cancelled);
      await expect(backend.stat(file)).rejects.toMatchObject({ code: 'not-found' });
      const there = await save('pack', 'there');
      await expect(backend.load(there, undefined, signal)).rejects.toMatchObject(cancelled);
      await expect(backend.remove(there, signal)).rejects.toMatchObject(cancelled);
      await expect(backend.list('pack', signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject(
        cancelled,
      );
      expect(await backend.stat(there)).toBe(5);
    });

    it('takes the same content again whatever its type, at once or one after the other', async () => {
      for (const type of types) {
        const { file, content } = largeFile(100_000, type);
        const again = { ...file, type };
        await Promise.all([1, 2, 3].map(() => backend.save(again, [content])));
        await backend.save(again, [content]);
        expect(content.equals(await backend.load(again))).toBe(true);
        expect(await listed(type)).toEqual([again.name]);
      }
    });

    it('gives back every byte as it was, whole and in ranges that touch', async () => {
      const { file, content } = largeFile(3_000_001, 'exact');
      await backend.save(file, [content]);
      const whole = await backend.load(file);
      expect(whole.length).toBe(content.length);
      expect(hash('sha256', whole, 'hex')).toBe(file.name);
      const pieces: Uint8Array[] = [];
      for (let offset = 0; offset < content.length; offset += 1_000_000) {
        const length = Math.min(1_000_000, content.length - offset);
        pieces.push(await backend.load(file, { offset, length }));
      }
      expect(hash('sha256', Buffer.concat(pieces), 'hex')).toBe(file.name);
    });

    it('lists many files, each once', async () => {
      const contents = Array.from({ length: filesInLongList }, (_, i) => `lock ${i}`);
      for (let at = 0; at < contents.length; at += 20) {
        await Promise.all(contents.slice(at, at + 20).map((content) => save('lock', content)));
      }
      expect((await listed('lock')).sort()).toEqual(contents.map(nameOf).sort());
    });

    it('serves many at a time without mixing them up', async () => {
      const files = Array.from({ length: 40 }, (_, i) => largeFile(50_000 + i, `many ${i}`));
      await Promise.all(files.map(({ file, content }) => backend.save(file, [content])));
      const loads = files.map(async ({ file, content }) => content.equals(await backend.load(file)));
      const stats = files.map(async ({ file, content }) => (await backend.stat(file)) === content.length);
      expect(await Promise.all([...loads, ...stats])).not.toContain(false);
    });

    it('can be cancelled at any point of an upload, which then is whole or not there', async () => {
      for (const turns of turnsBeforeCancel) {
        const { file, content } = largeFile(2_000_000, `upload ${turns}`);
        const outcome = await backend.save(file, [content], abortedAfter(turns)).then(
          () => 'saved',
          (error) => {
            expect(error).toMatchObject({ code: 'cancelled' });
            return 'cancelled';
          },
        );
        const there = await backend.load(file).catch((error) => {
          expect(error).toMatchObject({ code: 'not-found' });
          return undefined;
        });
        if (outcome === 'saved' || there !== undefined) expect(content.equals(there!)).toBe(true);
        await backend.save(file, [content]);
        expect(await backend.stat(file)).toBe(content.length);
      }
    });

    it('can be cancelled at any point of a download, and goes on well after it', async () => {
      const { file, content } = largeFile(5_000_000, 'download');
      await backend.save(file, [content]);
      for (const turns of turnsBeforeCancel) {
        try {
          expect(content.equals(await backend.load(file, undefined, abortedAfter(turns)))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'cancelled' });
        }
      }
      expect(content.equals(await backend.load(file))).toBe(true);
    });

    it('can be cancelled in the middle of a listing', async () => {
      for (const content of ['a', 'b', 'c']) await save('index', content);
      const controller = new AbortController();
      const seen: string[] = [];
      const list = async (): Promise<void> => {
        for await (const { name } of backend.list('index', controller.signal)) {
          seen.push(name);
          controller.abort();
        }
      };
      await expect(list()).rejects.toMatchObject({ code: 'cancelled' });
      expect(seen).toHaveLength(1);
    });

    it('prepares a place twice without harm', async () => {
      const file = await save('snapshot', 'here before');
      await backend.create();
      expect(Buffer.from(await backend.load(file)).toString()).toBe('here before');
    });
  });
}
