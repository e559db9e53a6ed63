/**
 * Content of files that compresses as real files do (zstd level 3, measured): text to about a third, records to a
 * sixth, programs to a half, media not at all. Any amount of it can be had and no stretch of it comes twice.
 */
import { Seeded } from './seeded.ts';

export type Kind = 'text' | 'records' | 'program' | 'media';

const stockBytes = 8 * 1024 * 1024;

/** Makes lines for a kind of file. */
type MakeLine = (chance: Seeded) => Buffer;

export class Content {
  readonly #chance: Seeded;
  readonly #stocks: Record<Exclude<Kind, 'media'>, Stock>;

  constructor(seed: string) {
    this.#chance = new Seeded(seed);
    const words = Array.from({ length: 20_000 }, () => wordOf(this.#chance));
    this.#stocks = {
      text: new Stock(this.#chance, (chance) => sentence(chance, words)),
      records: new Stock(this.#chance, (chance) => record(chance, words)),
      program: new Stock(this.#chance, machineCode),
    };
  }

  make(kind: Kind, bytes: number): Buffer {
    return kind === 'media' ? this.#chance.bytes(bytes) : this.#stocks[kind].take(this.#chance, bytes);
  }
}

/** A supply of lines, from which files are put together in ever new order: that is much faster than new lines. */
class Stock {
  readonly #bytes = Buffer.alloc(stockBytes);
  readonly #lineStarts: number[] = [];

  constructor(chance: Seeded, makeLine: MakeLine) {
    for (let at = 0; at < stockBytes; ) {
      const line = makeLine(chance);
      this.#lineStarts.push(at);
      at += line.copy(this.#bytes, at);
    }
    this.#lineStarts.push(stockBytes);
  }

  take(chance: Seeded, bytes: number): Buffer {
    const made = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes; ) {
      const line = chance.below(this.#lineStarts.length - 1);
      at += this.#bytes.copy(made, at, this.#lineStarts[line], this.#lineStarts[line + 1]);
    }
    return made;
  }
}

function wordOf(chance: Seeded): string {
  const letters = 'etaoinshrdlucmfwypvbgkqjxz';
  const length = 2 + chance.below(9);
  return Array.from({ length }, () => letters[Math.floor(26 * chance.fraction() ** 2)]).join('');
}

/** Words as often as in a language: the nth is half as frequent as the one at n / 2. */
function anyOf(words: readonly string[], chance: Seeded): string {
  return words[Math.floor(words.length ** chance.fraction()) - 1]!;
}

function sentence(chance: Seeded, words: readonly string[]): Buffer {
  const count = 20 + chance.below(60);
  const indent = ' '.repeat(2 * chance.below(5));
  return Buffer.from(`${indent}${Array.from({ length: count }, () => anyOf(words, chance)).join(' ')}.\n`);
}

function record(chance: Seeded, words: readonly string[]): Buffer {
  const lines = Array.from({ length: 8 }, () => {
    const at = 1_600_000_000 + chance.below(100_000_000);
    return `{"time":${at},"level":"info","host":"node-${chance.below(20)}","name":"${anyOf(words, chance)}","count":${chance.below(1_000)}}\n`;
  });
  return Buffer.from(lines.join(''));
}

/** Instructions from a small set with operands that are often small, as machine code has them. */
function machineCode(chance: Seeded): Buffer {
  const code = Buffer.alloc(512);
  for (let at = 0; at < code.length; at += 4) {
    code[at] = Math.floor(256 * chance.fraction() ** 5);
    code[at + 1] = Math.floor(128 * chance.fraction() ** 3);
    code[at + 2] = chance.fraction() < 0.7 ? 0 : chance.below(256);
    code[at + 3] = chance.fraction() < 0.8 ? 0 : chance.below(64);
  }
  return code;
}
