/**
 * The data that is backed up: a tree of many small files, as a home folder with documents, sources and pictures has
 * them, and one of a few large files, half of which cannot be compressed. The same seed makes the same trees.
 *
 * By itself: `node build/run.js test/bench/make-trees.ts FOLDER` makes FOLDER/small and FOLDER/large.
 */
import { closeSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Content, type Kind } from './content.ts';
import { Seeded } from './seeded.ts';

export interface Made {
  readonly files: number;
  readonly bytes: number;
}

/** How many small files, and how many bytes in the large ones. */
export interface Sizes {
  readonly smallFiles: number;
  readonly largeBytes: number;
}

export const fullSizes: Sizes = { smallFiles: 60_000, largeBytes: 3_000_000_000 };

const KiB = 1024;
const MiB = 1024 * KiB;
const filesPerFolder = 15;
/** Of each kind: its share of the files, their middle size, how far sizes spread, how they are named. */
const kinds: readonly { kind: Kind; share: number; middleBytes: number; spread: number; ending: string }[] = [
  { kind: 'text', share: 0.55, middleBytes: 2.4 * KiB, spread: 1.3, ending: 'txt' },
  { kind: 'records', share: 0.15, middleBytes: 2 * KiB, spread: 1.7, ending: 'json' },
  { kind: 'program', share: 0.15, middleBytes: 5 * KiB, spread: 1.7, ending: 'bin' },
  { kind: 'media', share: 0.15, middleBytes: 10 * KiB, spread: 1.3, ending: 'jpg' },
];
const smallFileBytesMax = 8 * MiB;
/** One file in so many is a copy of the one before. */
const copyEvery = 40;

export function makeSmallTree(folder: string, files: number, seed = 'small'): Made {
  const chance = new Seeded(`${seed} tree`);
  const content = new Content(`${seed} content`);
  let bytes = 0;
  let last = content.make('text', 1);
  for (let file = 0; file < files; file++) {
    const { kind, middleBytes, spread, ending } = kindFor(chance);
    const size = Math.min(smallFileBytesMax, Math.round(middleBytes * Math.exp(spread * chance.normal())));
    if (file % copyEvery !== 1) last = content.make(kind, size);
    writeAged(
      join(folderFor(folder, Math.floor(file / filesPerFolder)), `file-${file}.${ending}`),
      last,
      chance,
    );
    bytes += last.length;
  }
  return { files, bytes };
}

function kindFor(chance: Seeded): (typeof kinds)[number] {
  let left = chance.fraction();
  for (const kind of kinds) {
    left -= kind.share;
    if (left < 0) return kind;
  }
  return kinds[0]!;
}

/** Twelve folders in each, three levels deep. */
function folderFor(root: string, number: number): string {
  const path = join(root, `area-${number % 12}`, `project-${Math.floor(number / 12) % 18}`, `part-${number}`);
  mkdirSync(path, { recursive: true });
  return path;
}

/** As large parts of the whole. What a disk image holds comes in blocks, of which a quarter is empty. */
const largeFiles: readonly { name: string; share: number; kinds: readonly (Kind | 'empty')[] }[] = [
  { name: 'film.mkv', share: 0.25, kinds: ['media'] },
  { name: 'pictures.zip', share: 0.15, kinds: ['media'] },
  { name: 'music.tar', share: 0.1, kinds: ['media'] },
  { name: 'database.sql', share: 0.2, kinds: ['text', 'records'] },
  { name: 'events.log', share: 0.1, kinds: ['records'] },
  { name: 'machine.img', share: 0.2, kinds: ['program', 'text', 'program', 'empty'] },
];
const blockBytes = 256 * KiB;

export function makeLargeTree(folder: string, bytes: number, seed = 'large'): Made {
  const chance = new Seeded(`${seed} tree`);
  const content = new Content(`${seed} content`);
  mkdirSync(folder, { recursive: true });
  for (const file of largeFiles) {
    const path = join(folder, file.name);
    const handle = openSync(path, 'w');
    for (let left = Math.round(bytes * file.share); left > 0; left -= blockBytes) {
      const kind = file.kinds[chance.below(file.kinds.length)]!;
      const size = Math.min(left, blockBytes);
      writeSync(handle, kind === 'empty' ? Buffer.alloc(size) : content.make(kind, size));
    }
    closeSync(handle);
    age(path, chance);
  }
  return { files: largeFiles.length, bytes };
}

function writeAged(path: string, bytes: Buffer, chance: Seeded): void {
  writeFileSync(path, bytes);
  age(path, chance);
}

/** Files of a person are of all times, and none is newer than the backup. */
function age(path: string, chance: Seeded): void {
  const seconds = 1_600_000_000 + chance.below(150_000_000) + 0.25;
  utimesSync(path, seconds, seconds);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('Which folder?');
  const small = makeSmallTree(join(folder, 'small'), fullSizes.smallFiles);
  const large = makeLargeTree(join(folder, 'large'), fullSizes.largeBytes);
  process.stdout.write(`${JSON.stringify({ small, large })}\n`);
}
