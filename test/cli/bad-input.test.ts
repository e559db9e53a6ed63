/** What is wrong with a repository, a disk or a command line ends in a sentence and the right code, and harms nothing. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { idOf } from '../../engine/format/id.ts';
import { encodePackHeader } from '../../engine/format/pack-header.ts';
import { seal } from '../../engine/format/seal.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { initRepository, openRepository, type Repository } from '../../engine/repo/repository.ts';
import { seededChance } from '../support/fixed-world.ts';
import { folderState } from '../support/folder-state.ts';
import { HandPacker } from '../support/hand-packer.ts';
import { saveFile } from '../support/save-file.ts';
import { type Ran, slackwater } from '../support/slackwater.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

let home: string;
let whole: string;
let source: string;
let repository: string;
let count = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'slackwater-bad-'));
  whole = join(home, 'whole');
  source = join(home, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'large'), seededChance('large').bytes(3_000_000));
  writeFileSync(join(source, 'small'), 'small');
  await initRepository(openLocalBackend(whole, seededChance('init')), testPassword, testWorld(), {
    kdfCost: cheapKdfCost,
  });
  expect((await slackwater(['backup', source], { repository: whole })).code).toBe(0);
});

afterAll(() => rmSync(home, { recursive: true }));

beforeEach(() => {
  repository = join(home, `repository-${count++}`);
  cpSync(whole, repository, { recursive: true });
});

afterEach(() => rmSync(repository, { recursive: true, force: true }));

function onlyFile(kind: string): string {
  const folder = join(repository, kind);
  const [name] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /[0-9a-f]{64}$/.test(path),
  );
  return join(folder, name!);
}

function change(path: string, edit: (bytes: Buffer) => Buffer): void {
  chmodSync(path, 0o600);
  writeFileSync(path, edit(readFileSync(path)));
}

const flip = (bytes: Buffer): Buffer => {
  const changed = Buffer.from(bytes);
  changed[bytes.length >> 1]! ^= 0x10;
  return changed;
};
const cutShort = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);
const cutToStub = (bytes: Buffer): Buffer => bytes.subarray(0, 10);

/** One line of plain words, and no trace of the program's inside. */
function expectSentence(ran: Ran): void {
  const last = ran.stderr.trim().split('\n').at(-1) ?? '';
  expect(last.length).toBeGreaterThan(20);
  expect(last).toMatch(/\.$/);
  expect(ran.stderr).not.toMatch(/ {4}at |\.ts:|undefined|\[object|made a mistake/);
}

async function expectFailure(args: string[], code: number, words: RegExp, env = {}): Promise<void> {
  const before = folderState(repository);
  const ran = await slackwater(args, { repository, env });
  expect({ code: ran.code, stderr: ran.stderr }).toMatchObject({
    code,
    stderr: expect.stringMatching(words),
  });
  expectSentence(ran);
  // Nothing lost, nothing half written, no lock left behind.
  expect(folderState(repository)).toEqual(before);
}

describe('a repository that cannot be opened', () => {
  it('has a wrong password', async () => {
    await expectFailure(['snapshots'], 12, /password/, { SLACKWATER_PASSWORD: 'wrong' });
    await expectFailure(['backup', source], 12, /password/, { SLACKWATER_PASSWORD: 'wrong' });
  });

  it('is not there', async () => {
    for (const args of [
      ['snapshots'],
      ['backup', source],
      ['restore', 'latest', '--target', home],
      ['check'],
    ]) {
      const ran = await slackwater(args, { repository: join(home, 'nowhere') });
      expect(ran.code).toBe(10);
      expectSentence(ran);
      expect(readdirSync(home)).not.toContain('nowhere');
    }
  });

  it('is there already', async () => {
    await expectFailure(['init'], 1, /already/);
  });

  it('is locked by somebody', async () => {
    const { repository: opened } = await openWhole();
    const lock = {
      time: '2024-05-06T07:08:09Z',
      exclusive: true,
      hostname: 'other',
      username: 'someone',
      pid: 77,
    };
    await saveFile(opened, 'lock', JSON.stringify(lock));
    await expectFailure(['backup', source], 11, /someone on other.*77/);
  });

  it('has an unknown version', async () => {
    const { repository: opened } = await openWhole();
    const { id, chunkerPolynomial } = opened.config;
    const json = JSON.stringify({ version: 3, id, chunker_polynomial: chunkerPolynomial.toString(16) });
    change(join(repository, 'config'), () => seal(opened.key, Buffer.from(json), seededChance('version')));
    await expectFailure(['snapshots'], 1, /version 3/);
  });

  it.each([
    ['flipped', flip],
    ['cut short', cutShort],
    ['cut to a stub', cutToStub],
  ])('has a config that is %s', async (_how, edit) => {
    change(join(repository, 'config'), edit);
    await expectFailure(['snapshots'], 1, /config.*damaged/);
    await expectFailure(['backup', source], 1, /config.*damaged/);
  });

  it('has an empty config', async () => {
    change(join(repository, 'config'), () => Buffer.alloc(0));
    await expectFailure(['snapshots'], 10, /no repository/);
  });

  it.each([
    ['flipped', flip],
    ['cut short', cutShort],
    ['cut to a stub', cutToStub],
    ['empty', () => Buffer.alloc(0)],
  ])('has a key that is %s', async (_how, edit) => {
    change(onlyFile('keys'), edit);
    await expectFailure(['snapshots'], 1, /key.*damaged/);
  });

  it('has a key that asks for a day of work', async () => {
    const key = JSON.parse(readFileSync(onlyFile('keys'), 'utf8')) as object;
    const bytes = Buffer.from(JSON.stringify({ ...key, N: 2 ** 26, r: 64, p: 1000 }));
    rmSync(onlyFile('keys'));
    writeFileSync(join(repository, 'keys', idOf(bytes)), bytes);
    await expectFailure(['snapshots'], 1, /memory or time/);
  });
});

describe('a repository that is damaged', () => {
  it.each([
    ['flipped', flip],
    ['cut short', cutShort],
    ['cut to a stub', cutToStub],
  ])('has an index that is %s: what it named is stored again', async (_how, edit) => {
    change(onlyFile('index'), edit);
    await expectFailure(['check'], 1, /index/);
    const damaged = onlyFile('index');
    const ran = await slackwater(['backup', source], { repository });
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: index .* is damaged/) });
    // It is somebody's to look at, and is not removed by a backup.
    rmSync(damaged);
    const target = join(home, `target-${count}`);
    expect((await slackwater(['restore', 'latest', '--target', target], { repository })).code).toBe(0);
    expect(readFileSync(join(target, source, 'small'), 'utf8')).toBe('small');
    expect(readFileSync(join(target, source, 'large'))).toEqual(readFileSync(join(source, 'large')));
  });

  it.each([
    ['flipped', flip],
    ['cut short', cutShort],
    ['cut to a stub', cutToStub],
  ])('has a snapshot that is %s: others must not suffer', async (_how, edit) => {
    expect((await slackwater(['backup', source], { repository })).code).toBe(0);
    change(onlyFile('snapshots'), edit);
    const listed = await slackwater(['snapshots', '--json'], { repository });
    expect(listed.code).toBe(0);
    expect(listed.stderr).toMatch(/cannot be read/);
    expect(JSON.parse(listed.stdout)).toHaveLength(1);
    await expectFailure(['check'], 1, /snapshot/);
    expect((await slackwater(['backup', source], { repository })).code).toBe(0);
  });

  it.each([
    ['flipped', flip],
    ['cut short', cutShort],
  ])('has a pack that is %s', async (_how, edit) => {
    for (const name of packs()) change(name, edit);
    await expectFailure(['check', '--read-data'], 1, /pack/);
    const target = join(home, `target-${count}`);
    const ran = await slackwater(['restore', 'latest', '--target', target], { repository });
    expect(ran.code).toBe(1);
    expectSentence(ran);
    rmSync(target, { recursive: true, force: true });
  });
});

function packs(): string[] {
  const folder = join(repository, 'data');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /[0-9a-f]{64}$/.test(path))
    .map((path) => join(folder, path));
}

async function openWhole(): Promise<{ repository: Repository }> {
  const backend = openLocalBackend(repository, seededChance(`open ${count}`));
  return { repository: await openRepository(backend, testPassword, testWorld(`world ${count}`)) };
}

describe('a bomb', () => {
  const memoryBytesMax = 350 * 1024 * 1024;
  const gigabyte = Buffer.alloc(2 ** 30, ' ');
  const spaces = zstdCompressSync(gigabyte);

  /** Stores a file whose plaintext is the frame, as somebody with the key could. */
  async function plant(type: 'snapshot' | 'index' | 'lock', frame: Uint8Array): Promise<void> {
    const { repository: opened } = await openWhole();
    const bytes = seal(opened.key, Buffer.concat([Buffer.of(2), frame]), seededChance('plant'));
    await opened.backend.save({ type, name: idOf(bytes) }, [bytes]);
  }

  it.each(['snapshot', 'index', 'lock'] as const)(
    'in a %s is refused before it fills the memory',
    async (type) => {
      await plant(type, spaces);
      const args = type === 'snapshot' ? ['snapshots'] : ['backup', source];
      const ran = await slackwater(args, { repository });
      expect(ran.memoryBytesMax).toBeGreaterThan(10_000_000);
      expect(ran.memoryBytesMax).toBeLessThan(memoryBytesMax);
      // Shared work goes on beside a lock that nobody can read.
      expect(ran.code).toBe(type === 'index' ? 1 : 0);
      expect(ran.stderr).toMatch(type === 'index' ? /damaged/ : /cannot be read/);
    },
  );

  it.each(['data', 'tree'] as const)('in a %s blob is refused before it fills the memory', async (type) => {
    const { repository: opened } = await openWhole();
    const { key, world, backend } = opened;
    const sealed = seal(key, spaces, world.chance);
    const id = idOf(gigabyte);
    const blob = { id, type, offset: 0, length: sealed.length, plainLength: gigabyte.length };
    const bytes = Buffer.concat([sealed, encodePackHeader(key, [blob], world.chance)]);
    const packId = idOf(bytes);
    await backend.save({ type: 'pack', name: packId }, [bytes]);
    const entry = { id, type, offset: 0, length: sealed.length, uncompressed_length: gigabyte.length };
    await saveFile(opened, 'index', JSON.stringify({ packs: [{ id: packId, blobs: [entry] }] }));
    const node = { name: 'bomb', type: 'file', mtime: '2024-05-06T07:08:09Z', content: [id] };
    const root = type === 'tree' ? id : await storeTree(opened, `{"nodes":[${JSON.stringify(node)}]}\n`);
    const snapshot = { time: '2034-05-06T07:08:09Z', tree: root, paths: ['/bomb'], hostname: 'other' };
    await saveFile(opened, 'snapshot', JSON.stringify(snapshot));
    const target = join(home, `bomb-${type}`);
    for (const args of [
      ['check', '--read-data'],
      ['restore', 'latest', '--target', target],
    ]) {
      const ran = await slackwater(args, { repository });
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(/larger than|size that cannot be/);
      expect(ran.memoryBytesMax).toBeLessThan(memoryBytesMax);
    }
    rmSync(target, { recursive: true, force: true });
  });

  async function storeTree(opened: Repository, json: string): Promise<string> {
    const packer = new HandPacker(opened, new BlobIndex());
    const { id } = packer.store('tree', Buffer.from(json));
    await packer.end();
    return id;
  }
});

const isRoot = process.getuid?.() === 0;
const mounts = process.platform === 'linux' && isRoot;
if (!mounts) console.warn('skipped: full and read-only disks need root on Linux, to mount one');

/** A small disk of its own, given back after the test. */
async function onDisk(size: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slackwater-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder]);
  try {
    await work(folder);
  } finally {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!mounts)('a disk', () => {
  it('is full: what was stored stays whole, and the next run finishes', async () => {
    await onDisk('6m', async (disk) => {
      const place = join(disk, 'repository');
      cpSync(whole, place, { recursive: true });
      const more = join(home, 'more');
      mkdirSync(more);
      for (let i = 0; i < 8; i++)
        writeFileSync(join(more, `f${i}`), seededChance(`more ${i}`).bytes(1_000_000));
      const before = folderState(place);
      const ran = await slackwater(['backup', more], { repository: place });
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(/full/);
      expectSentence(ran);
      const after = folderState(place);
      expect(after).toMatchObject(before);
      expect(Object.keys(after).filter((path) => /-tmp-|^locks/.test(path))).toEqual([]);
      expect((await slackwater(['check', '--read-data'], { repository: place })).code).toBe(0);
      execFileSync('mount', ['-o', 'remount,size=60m', disk]);
      expect((await slackwater(['backup', more], { repository: place })).code).toBe(0);
      rmSync(more, { recursive: true });
    });
  });

  it('is too small for a restore: no file is there that is not whole', async () => {
    await onDisk('2m', async (disk) => {
      const ran = await slackwater(['restore', 'latest', '--target', join(disk, 'target')], { repository });
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(/full|space/i);
      const there = folderState(disk);
      expect(Object.keys(there).filter((path) => path.endsWith('/large'))).toEqual([]);
      expect(Object.keys(there).filter((path) => path.includes('slackwater-'))).not.toContain('large');
    });
  });

  it('is read-only, as a target and as a repository', async () => {
    await onDisk('30m', async (disk) => {
      cpSync(whole, join(disk, 'repository'), { recursive: true });
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const into = await slackwater(['restore', 'latest', '--target', join(disk, 'target')], { repository });
      expect(into.code).toBe(1);
      expect(into.stderr).toMatch(/read-only/);
      const place = join(disk, 'repository');
      const backup = await slackwater(['backup', source], { repository: place });
      expect(backup.code).toBe(1);
      expect(backup.stderr).toMatch(/read-only/);
      expectSentence(backup);
      // Reading needs no lock where it is not wanted, and a dry run writes nothing.
      expect((await slackwater(['snapshots', '--no-lock'], { repository: place })).code).toBe(0);
      expect((await slackwater(['backup', '-n', source], { repository: place })).code).toBe(0);
    });
  });
});
