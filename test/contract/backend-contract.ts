/**
 * What every backend owes, as tests that each of them inherits: see the promises in `engine/backend/backend.ts`.
 * To add a backend, call `backendContract` with a function that makes an empty place.
 */
import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, configFile, type FileName, type FileType } from '../../engine/backend/backend.ts';

export interface BackendPlace {
  readonly backend: Backend;
  remove(): Promise<void>;
}

const nameOf = (content: string): string => hash('sha256', content, 'hex');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const types: FileType[] = ['key', 'lock', 'snapshot', 'index', 'pack'];

export function backendContract(kind: string, makePlace: () => Promise<BackendPlace>): void {
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
      await expect(backend.save(file, [bytesOf('cancelled')], signal)).rejects.toMatchObject({
        code: 'cancelled',
      });
      await expect(backend.stat(file)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('prepares a place twice without harm', async () => {
      const file = await save('snapshot', 'here before');
      await backend.create();
      expect(Buffer.from(await backend.load(file)).toString()).toBe('here before');
    });
  });
}
