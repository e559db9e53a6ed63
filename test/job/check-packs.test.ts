import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import type { Compute } from '../../engine/compute/crew.ts';
import type { PackToProve } from '../../engine/compute/prove-pack.ts';
import { idOf } from '../../engine/format/id.ts';
import { encodeIndex } from '../../engine/format/index-file.ts';
import {
  decodePackHeader,
  encodePackHeader,
  headerBytesAtEnd,
  type PackBlob,
} from '../../engine/format/pack-header.ts';
import { seal } from '../../engine/format/seal.ts';
import { checkIndexes } from '../../engine/job/check-index.ts';
import { PackCheck } from '../../engine/job/check-packs.ts';
import { CheckTelling } from '../../engine/job/check-telling.ts';
import type { CheckFinding } from '../../engine/protocol/check-news.ts';
import { CheckedRepository, readAll } from '../support/checked-repository.ts';
import { saveFile } from '../support/save-file.ts';

const missing = 'ab'.repeat(32);
let made: CheckedRepository;

beforeEach(async () => {
  made = await CheckedRepository.make();
});

describe('reading packs', () => {
  it('notices every kind of byte that was changed', async () => {
    await made.fill();
    const [id] = made.packIds('data');
    const good = made.packBytes(id!);
    const headerBytes = headerBytesAtEnd(good, good.length);
    const places = {
      nonce: 0,
      ciphertext: 20,
      mac: decodedBlobs(good)[0]!.length - 5,
      header: good.length - headerBytes + 20,
      'header length': good.length - 4,
    };
    for (const [what, at] of Object.entries(places)) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1;
      made.putPack(id!, bad);
      expect((await made.check()).codes, what).toEqual([]);
      const { summary, codes } = await made.check(readAll);
      expect(codes, what).toContain('error pack-hash');
      expect(codes, what).toContain(what.startsWith('header') ? 'error pack-header' : 'error blob-damaged');
      expect(summary.brokenPacks).toEqual([id]);
    }
  });

  it('notices any bit of any pack', async () => {
    await made.fill();
    const ids = [...made.packIds('data'), ...made.packIds('tree')];
    const place = fc.tuple(
      fc.nat(ids.length - 1),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(7),
    );
    const isNoticed = async ([pack, share, bit]: [number, number, number]): Promise<void> => {
      const id = ids[pack]!;
      const good = made.packBytes(id);
      const bad = Buffer.from(good);
      bad[Math.floor(share * bad.length)]! ^= 1 << bit;
      made.putPack(id, bad);
      expect((await made.check(readAll)).summary.brokenPacks).toEqual([id]);
      made.putPack(id, good);
    };
    await fc.assert(fc.asyncProperty(place, isNoticed), { numRuns: 50 });
  });

  it('proves a very large pack in pieces, the same way', async () => {
    await made.fill();
    const [id] = made.packIds('data');
    const sizeBytes = made.packBytes(id!).length;
    const inPieces = async (): Promise<string[]> => {
      const codes: string[] = [];
      const listener = { finding: ({ code }: CheckFinding) => void codes.push(code), progress: () => {} };
      const telling = new CheckTelling(listener, made.repository.world.clock);
      telling.speak();
      const { signal } = new AbortController();
      const checked = await checkIndexes(made.repository, telling, signal);
      const data = new PackCheck(made.repository, checked, [{ name: id!, sizeBytes }], signal, {
        pieceBytesMax: 1000,
      });
      await data.finish(telling);
      await data.close();
      return codes;
    };
    let longest = 0;
    const load = made.backend.load.bind(made.backend);
    made.backend.load = (file, range, signal) => {
      if (file.type === 'pack' && range?.offset !== 0)
        longest = Math.max(longest, range?.length ?? sizeBytes);
      return load(file, range, signal);
    };
    expect(await inPieces()).toEqual([]);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(sizeBytes);
    const bad = made.packBytes(id!);
    bad[20]! ^= 1;
    made.putPack(id!, bad);
    expect(await inPieces()).toEqual(['pack-hash', 'blob-damaged']);
  });

  it('shares the packs between hired hands and one of its own: each once, and told of in their order', async () => {
    const { world } = made.repository;
    const entries = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`f${i}`, world.chance.bytes(30_000)]),
    );
    await made.stored.snapshot(made.stored.tree(entries));
    const ids = made.packIds('data');
    const proven = { hired: [] as string[], own: [] as string[] };
    const noting =
      (whose: string[]): Compute['hire'] =>
      (skill, setup, onNews) => {
        const crew = world.compute.hireHere(skill, setup, onNews);
        const ask = crew.ask.bind(crew);
        crew.ask = (request, transfer) => {
          whose.push((request as PackToProve).id);
          return ask(request, transfer);
        };
        return crew;
      };
    const hired = noting(proven.hired);
    const compute = { ...world.compute, handsMax: 3, hire: hired, hireHere: noting(proven.own) };
    const repository = { ...made.repository, world: { ...world, compute } };
    for (const id of [ids[1]!, ids[5]!, ids[6]!]) {
      const bad = made.packBytes(id);
      bad[20]! ^= 1;
      made.putPack(id, bad);
    }
    const told: unknown[] = [];
    const telling = new CheckTelling(
      { finding: ({ code, detail }) => void told.push([code, detail.pack]), progress: () => {} },
      world.clock,
    );
    telling.speak();
    const { signal } = new AbortController();
    const checked = await checkIndexes(repository, telling, signal);
    const packs = ids.map((name) => ({ name, sizeBytes: made.packBytes(name).length }));
    const data = new PackCheck(repository, checked, packs, signal);
    await data.finish(telling);
    await data.close();
    const broken = [ids[1], ids[5], ids[6]];
    expect(told).toEqual(
      broken.flatMap((id) => [
        ['pack-hash', id],
        ['blob-damaged', id],
      ]),
    );
    expect(proven.own.length).toBeGreaterThan(0);
    // Those that are damaged are read twice.
    expect([...proven.hired, ...proven.own].sort()).toEqual([...ids, ...broken].sort());
  });

  it('names the blobs that are damaged, and only those', async () => {
    await made.fill();
    const [id] = made.packIds('tree');
    const blobs = decodedBlobs(made.packBytes(id!));
    const bad = made.packBytes(id!);
    bad[blobs[1]!.offset + 20]! ^= 1;
    made.putPack(id!, bad);
    const { findings } = await made.check(readAll);
    const named = findings.filter(({ code }) => code === 'blob-damaged').map(({ detail }) => detail.blob);
    expect(named).toEqual([blobs[1]!.id]);
  });

  it('finds a pack whose header is not what the index says', async () => {
    await made.fill();
    const { id, packs } = await made.indexedPacks();
    const pack = packs.find(({ blobs }) => blobs[0]?.type === 'data' && blobs.length > 1)!;
    const [a, b, ...rest] = pack.blobs;
    const swapped = { id: pack.id, blobs: [{ ...a!, id: b!.id }, { ...b!, id: a!.id }, ...rest] };
    await saveFile(
      made.repository,
      'index',
      encodeIndex([swapped, ...packs.filter((each) => each !== pack)]),
    );
    await made.backend.remove({ type: 'index', name: id });
    const { codes } = await made.check(readAll);
    expect(codes).toContain('error pack-header-differs');
    expect(codes).not.toContain('error pack-hash');
  });

  it('finds a blob that is not what its id says, sealed with the right key though it is', async () => {
    await putHostilePack({ id: missing, type: 'data', offset: 0, length: 132, plainLength: 0 });
    expect((await made.check(readAll)).codes).toEqual(['error blob-damaged']);
  });

  /** A pack with 100 bytes in it that says of them what it likes. */
  async function putHostilePack(blob: PackBlob): Promise<void> {
    const { key, world } = made.repository;
    const sealed = seal(key, world.chance.bytes(100), world.chance);
    const bytes = Buffer.concat([sealed, encodePackHeader(key, [blob], world.chance)]);
    made.putPack(idOf(bytes), bytes);
    await saveFile(made.repository, 'index', encodeIndex([{ id: idOf(bytes), blobs: [blob] }]));
  }

  it('refuses a blob that claims to be huge without making room for it', async () => {
    await putHostilePack({ id: missing, type: 'data', offset: 0, length: 132, plainLength: 2 ** 32 - 1 });
    const { findings } = await made.check(readAll);
    expect(findings.map(({ code }) => code)).toEqual(['blob-damaged']);
    expect(findings[0]?.detail.why).toContain('larger');
  });

  it('reads a pack that failed once more before it says so', async () => {
    await made.fill();
    const [id] = made.packIds('data');
    let reads = 0;
    made.backend.before = (operation, { type, name }) => {
      if (operation !== 'load' || type !== 'pack' || name !== id) return;
      if (++reads === 1) throw new Failure('io', { errno: 'EIO' }, { next: 'now' });
    };
    expect((await made.check(readAll)).findings).toEqual([]);
    expect(reads).toBe(2);
    reads = -100;
    made.backend.before = (operation, { type, name }) => {
      if (operation === 'load' && type === 'pack' && name === id) throw new Failure('io', { errno: 'EIO' });
    };
    const { findings } = await made.check(readAll);
    expect(findings).toEqual([
      { severity: 'error', code: 'pack-unreadable', detail: { pack: id, why: 'EIO' } },
    ]);
  });

  it('ends when it is cancelled, in the midst of the data', async () => {
    await made.fill();
    const stop = new AbortController();
    let packs = 0;
    made.backend.before = (operation, { type }) => {
      if (operation === 'load' && type === 'pack' && ++packs === 3) stop.abort(new Failure('cancelled'));
    };
    await expect(made.check(readAll, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(packs).toBe(3);
  });

  function decodedBlobs(bytes: Buffer) {
    const headerBytes = headerBytesAtEnd(bytes, bytes.length);
    return decodePackHeader(made.repository.key, bytes.subarray(-headerBytes), bytes.length);
  }
});
