import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../engine/base/byte-string.ts';
import { isFailure } from '../../engine/base/failure.ts';
import { limits } from '../../engine/base/limits.ts';
import type { Compute } from '../../engine/compute/crew.ts';
import { inlineCompute } from '../../engine/compute/inline-compute.ts';
import { FolderLooks } from '../../engine/job/folder-looks.ts';
import { LookAhead } from '../../engine/job/look-ahead.ts';
import { type ExcludeOptions, makeExcluder } from '../../engine/source/exclude.ts';
import type { Item } from '../../engine/source/item.ts';
import { baseName, childPath } from '../../engine/source/path.ts';
import type { SourceFiles } from '../../engine/source/source-files.ts';

/** A folder by its names, a file by its size; undefined: it is listed, and cannot be read. */
type Entry = { readonly [name: string]: Entry } | number | undefined;

const root = fromText('/t');

class MemoryFiles implements Pick<SourceFiles, 'item' | 'names'> {
  top: Entry;
  asked: string[] = [];
  /** Called after each question. */
  onAsked: (path: ByteString) => void = () => undefined;

  constructor(top: Entry) {
    this.top = top;
  }

  item(path: ByteString, name: ByteString): Item {
    this.asked.push(path);
    const entry = this.#entry(path);
    this.onAsked(path);
    if (entry === undefined) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    const isFile = typeof entry === 'number';
    return {
      name,
      kind: isFile ? 'file' : 'dir',
      permissions: 0o644,
      mtimeNs: 1n,
      atimeNs: 2n,
      ctimeNs: 3n,
      uid: 4,
      gid: 5,
      inode: BigInt(path.length),
      // What is named so is mounted.
      deviceId: name.startsWith('m') ? 9n : 8n,
      sizeBytes: isFile ? entry : 0,
      links: 1,
      device: 0n,
      extendedAttributes: [],
      attributeErrors: name === 'w' ? [{ name: fromText('user.x'), error: new Error('EIO') }] : [],
    };
  }

  names(path: ByteString): ByteString[] {
    this.asked.push(`${path}/`);
    const entry = this.#entry(path);
    this.onAsked(path);
    if (typeof entry !== 'object' || 'locked' in entry) throw new Error('it cannot be listed');
    return Object.keys(entry).sort().map(fromText);
  }

  #entry(path: ByteString): Entry {
    const names = path.slice(root.length).split('/').filter(Boolean);
    return names.reduce<Entry>(
      (entry, name) => (typeof entry === 'object' ? entry[name] : undefined),
      this.top,
    );
  }
}

function threads(files: MemoryFiles): Compute {
  const clock = { elapsedMs: () => 0, wallNs: () => 0n, sleep: async () => {} };
  const chance = { bytes: (count: number) => Buffer.alloc(count) };
  return { ...inlineCompute({ chance, clock, files: files as unknown as SourceFiles }), handsMax: 2 };
}

/** All that a walk meets, in its order. `onFolder` is called before each folder is opened. */
async function walk(
  files: MemoryFiles,
  options: ExcludeOptions,
  ahead: LookAhead,
  onFolder: (path: ByteString) => unknown = () => undefined,
): Promise<string[]> {
  const excluder = makeExcluder(options, [], { environment: {}, warn: () => undefined });
  const looks = new FolderLooks({ files: files as unknown as SourceFiles, excluder, ahead });
  const met: string[] = [];
  const visit = async (folder: ByteString): Promise<void> => {
    await onFolder(folder);
    try {
      for await (const some of await looks.open(folder)) {
        for (const { path, seen } of some) {
          if (isFailure(seen)) {
            met.push(`${path} ${seen.code}`);
            continue;
          }
          met.push(`${path} ${seen.head} ${seen.kind} ${seen.sizeBytes} ${seen.deviceId}`);
          expect(seen.name).toBe(baseName(path));
          if (seen.kind === 'dir') await visit(path);
        }
      }
    } catch (error) {
      if (!isFailure(error, 'source-unreadable')) throw error;
      met.push(`${folder}/ ${error.code}`);
    }
  };
  await visit(root);
  return met;
}

async function walkAhead(
  files: MemoryFiles,
  options: ExcludeOptions,
  onFolder?: (path: ByteString) => unknown,
): Promise<{ met: string[]; ahead: LookAhead }> {
  const ahead = new LookAhead();
  const { plan } = makeExcluder(options, [], { environment: {}, warn: () => undefined });
  ahead.begin(threads(files), files, { targets: [root], cwd: fromText('/'), excludes: plan });
  const met = await walk(files, options, ahead, onFolder);
  return { met, ahead };
}

const { entries } = fc.letrec<{ entry: Entry; entries: Entry }>((tie) => ({
  entry: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.nat(9), fc.nat(9), fc.constant(undefined)),
    tie('entries'),
  ),
  entries: fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'mount', 'locked', 'w', 'out', 'big'),
    tie('entry'),
    { maxKeys: 6 },
  ) as fc.Arbitrary<Entry>,
}));

const options: ExcludeOptions = { patterns: ['out', '/t/a/b'], largerThan: '7' };

describe('a walk with a thread that walks ahead', () => {
  it('meets what it would meet alone', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (top) => {
        const alone = await walk(new MemoryFiles(top), options, new LookAhead());
        const { met } = await walkAhead(new MemoryFiles(top), options);
        expect(met).toEqual(alone);
      }),
      { numRuns: 500 },
    );
  });

  const many = Object.fromEntries(
    Array.from({ length: 3 * limits.lookItemsTold + 5 }, (_, at) => {
      const name = `f${String(at).padStart(4, '0')}`;
      return [name, at % 100 === 7 ? { inner: 1 } : 2];
    }),
  );

  it('asks nothing again of what is told, also in large folders', async () => {
    const files = new MemoryFiles({ full: many, z: { y: 1 } });
    const { met } = await walkAhead(files, {});
    expect(met).toEqual(await walk(new MemoryFiles(files.top), {}, new LookAhead()));
    expect(files.asked.filter((path, at) => files.asked.indexOf(path) !== at)).toEqual([]);
  });

  it('never touches what is left out by its path', async () => {
    const files = new MemoryFiles({ a: { b: { c: 1 } }, out: { d: 1 }, e: 1 });
    await walkAhead(files, options);
    expect(files.asked.filter((path) => path.startsWith('/t/out') || path.startsWith('/t/a/b'))).toEqual([]);
  });

  it('is never further ahead than it may be', async () => {
    const folders = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, at) => [`d${String(at).padStart(5, '0')}`, { f: 1 }]),
    );
    const files = new MemoryFiles(folders);
    let opened = 0;
    let most = 0;
    await walkAhead(files, {}, async (path) => {
      if (path === root) return;
      opened++;
      // The hand works whenever nobody else does.
      if (opened % 1_000 === 1) await new Promise((resolve) => setTimeout(resolve, 0));
      const listed = files.asked.filter((each) => each.endsWith('/')).length;
      most = Math.max(most, listed - opened);
      if (opened > 3_000) throw new Error('that is enough');
    }).catch((error: Error) => expect(error.message).toBe('that is enough'));
    expect(most).toBeGreaterThan(100);
    expect(most).toBeLessThan(limits.lookToldMax * limits.lookItemsTold);
  });

  it.each([
    ['a folder that became a file', { a: 1, b: { c: 1 }, d: 2 }],
    ['a folder that is new', { a: { x: 1 }, aa: { y: 1 }, b: { c: 1 }, d: 2 }],
    ['a folder that is gone', { b: { c: 1 }, d: 2 }],
  ])('goes on alone where it meets something else: %s', async (_, later) => {
    const files = new MemoryFiles({ a: { x: 1 }, b: { c: undefined }, d: 2 });
    // What could not be read is looked at by the walk itself, which then finds another tree.
    let isLater = false;
    const { met } = await walkAhead(files, {}, (path) => {
      if (path !== childPath(root, fromText('b')) || isLater) return;
      isLater = true;
      files.top = later;
    });
    expect(met.filter((each) => each.startsWith('/t/b/c'))).toHaveLength(1);
    expect(met.at(-1)).toContain('/t/d ');
  });

  it('goes on alone, from the next name on, when the thread ends', async () => {
    const files = new MemoryFiles({ full: many, z: { y: 1 } });
    const alone = await walk(new MemoryFiles(files.top), {}, new LookAhead());
    for (const at of ['f0007', 'f0307', 'f0707', 'z']) {
      const ahead = new LookAhead();
      const { plan } = makeExcluder({}, [], { environment: {}, warn: () => undefined });
      ahead.begin(threads(files), files, { targets: [root], cwd: fromText('/'), excludes: plan });
      const met = await walk(files, {}, ahead, (path) => (path.endsWith(at) ? ahead.close() : undefined));
      expect(met).toEqual(alone);
    }
  });

  it('tells of a folder that vanishes in its middle, and of no item twice', async () => {
    const files = new MemoryFiles({ full: many });
    const ahead = new LookAhead();
    const { plan } = makeExcluder({}, [], { environment: {}, warn: () => undefined });
    ahead.begin(threads(files), files, { targets: [root], cwd: fromText('/'), excludes: plan });
    const met = await walk(files, {}, ahead, async (path) => {
      if (!path.endsWith('f0307')) return;
      await ahead.close();
      files.top = {};
    });
    expect(met.filter((each) => each.startsWith('/t/full source-unreadable'))).toHaveLength(1);
    expect(new Set(met).size).toBe(met.length);
  });
});

describe('a thread that walks ahead', () => {
  it('is not begun where there is none to spare, after the end, or twice', async () => {
    const files = new MemoryFiles({ a: 1 });
    const plan = {
      targets: [root],
      cwd: root,
      excludes: makeExcluder({}, [], { environment: {}, warn() {} }).plan,
    };
    const one = new LookAhead();
    one.begin({ ...threads(files), handsMax: 1 }, files, plan);
    const late = new LookAhead();
    await late.close();
    late.begin(threads(files), files, plan);
    for (const ahead of [one, late]) expect(await ahead.next(root)).toBeUndefined();
    expect(files.asked).toEqual([]);
    const twice = new LookAhead();
    twice.begin(threads(files), files, plan);
    twice.begin(threads(files), files, plan);
    expect(await twice.next(root)).toMatchObject({ names: ['a'] });
    expect(files.asked).toEqual(['/t', '/t/', '/t/a']);
  });

  it('keeps nobody waiting when it is closed', async () => {
    const files = new MemoryFiles({ a: 1 });
    const ahead = new LookAhead();
    const hire: Compute['hire'] = (...given) => ({
      ...threads(files).hire(...given),
      ask: () => new Promise(() => undefined),
      close: async () => undefined,
    });
    const { plan: excludes } = makeExcluder({}, [], { environment: {}, warn() {} });
    ahead.begin({ ...threads(files), hire }, files, { targets: [root], cwd: fromText('/'), excludes });
    const asked = ahead.next(root);
    await ahead.close();
    expect(await asked).toBeUndefined();
  });
});
