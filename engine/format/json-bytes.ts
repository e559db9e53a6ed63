/**
 * Reads JSON from its bytes, token by token, where a tree of objects would take too much memory: large index files.
 * As strict as `JSON.parse`; what is wrong is thrown as a plain error. Callers walk through objects and lists so:
 *
 *     if (json.opens(brace) && !json.closes(brace)) do { name; value } while (json.goesOn(brace))
 */
import { limits } from '../base/limits.ts';
import { idBytes, isId } from './id.ts';

/** An object or a list, by the bytes around it. */
export interface Around {
  readonly opening: number;
  readonly closing: number;
}
export const brace: Around = { opening: 0x7b, closing: 0x7d };
export const bracket: Around = { opening: 0x5b, closing: 0x5d };

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const zero = 0x30;
const firstOfNull = 0x6e;
/** So many digits are always an exact number. */
const plainDigitsMax = 15;
const wordPattern = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** By byte: the value of a lower-case hex digit, or -1. */
const nibbles = Int8Array.from({ length: 256 }, (_, byte) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(byte)),
);

export class JsonBytes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether an object or a list begins here. */
  opens({ opening }: Around): boolean {
    return this.#take(opening);
  }

  /** Whether it ends here at once. */
  closes({ closing }: Around): boolean {
    return this.#take(closing);
  }

  /** After a value in it: whether another one follows. */
  goesOn({ closing }: Around): boolean {
    if (this.#take(comma)) return true;
    this.#expect(closing);
    return false;
  }

  /** The name of a member: its place in `names`, or -1 for any other one. */
  name(names: readonly string[]): number {
    const found = this.oneOf(names);
    this.#expect(colon);
    return found;
  }

  /** The text that follows: its place in `texts`, or -1 for any other one. */
  oneOf(texts: readonly string[]): number {
    this.#expect(quote);
    for (let i = 0; i < texts.length; i++) if (this.#takePlain(texts[i]!)) return i;
    return texts.indexOf(this.#restOfText());
  }

  /** Whether the text that follows is an id, which is then in `target` at `at`. */
  id(target: Buffer, at: number): boolean {
    this.#expect(quote);
    if (this.#takeHex(target, at)) return true;
    const text = this.#restOfText();
    return isId(text) && target.write(text, at, 'hex') === idBytes;
  }

  /** The number that follows; NaN where a literal or a number that is no number stands. */
  number(): number {
    const bytes = this.#bytes;
    this.#pastSpace();
    const from = this.#at;
    let value = 0;
    let at = from;
    for (let digit = bytes[at]! - zero; digit >= 0 && digit <= 9; digit = bytes[++at]! - zero) {
      value = value * 10 + digit;
    }
    const digits = at - from;
    const isPlain = digits > 0 && digits <= plainDigitsMax && (digits === 1 || bytes[from] !== zero);
    if (isPlain && !isInWord(bytes[at])) {
      this.#at = at;
      return value;
    }
    return Number(this.#word());
  }

  isNull(): boolean {
    this.#pastSpace();
    if (this.#bytes[this.#at] !== firstOfNull) return false;
    return this.#word() === 'null';
  }

  startsText(): boolean {
    this.#pastSpace();
    return this.#bytes[this.#at] === quote;
  }

  startsWord(): boolean {
    this.#pastSpace();
    return isInWord(this.#bytes[this.#at]);
  }

  /** Passes over a value of any kind. */
  skip(): void {
    const open: Around[] = [];
    do {
      const around = this.opens(brace) ? brace : this.opens(bracket) ? bracket : undefined;
      if (around !== undefined && !this.closes(around)) {
        if (open.push(around) > limits.jsonDepthMax) throw new Error('its values are nested too deep');
        if (around === brace) this.name([]);
        continue;
      }
      if (around === undefined) this.#skipPlain();
      while (open.length > 0 && !this.goesOn(open.at(-1)!)) open.pop();
      if (open.at(-1) === brace) this.name([]);
    } while (open.length > 0);
  }

  /** Lets somebody else read, who is told where to begin and says where to go on. */
  readOn(read: (at: number) => number): void {
    this.#at = read(this.#at);
  }

  end(): void {
    this.#pastSpace();
    if (this.#at !== this.#bytes.length) throw this.#wrong();
  }

  #skipPlain(): void {
    if (this.#take(quote)) this.#restOfText();
    else this.#word();
  }

  /** A text without escapes, the quote before it is read. */
  #takePlain(text: string): boolean {
    const end = this.#at + text.length;
    if (this.#bytes[end] !== quote) return false;
    for (let i = 0; i < text.length; i++) {
      if (this.#bytes[this.#at + i] !== text.charCodeAt(i)) return false;
    }
    this.#at = end + 1;
    return true;
  }

  #takeHex(target: Buffer, at: number): boolean {
    const bytes = this.#bytes;
    const from = this.#at;
    if (bytes[from + 64] !== quote) return false;
    for (let i = 0; i < 32; i++) {
      const value = (nibbles[bytes[from + 2 * i]!]! << 4) | nibbles[bytes[from + 2 * i + 1]!]!;
      if (value < 0) return false;
      target[at + i] = value;
    }
    this.#at = from + 65;
    return true;
  }

  /** To the closing quote. A byte below a space may stand in no text. */
  #restOfText(): string {
    const from = this.#at;
    let hasEscapes = false;
    for (let byte = this.#bytes[this.#at]; byte !== quote; byte = this.#bytes[this.#at]) {
      if (byte === undefined || byte < 0x20) throw this.#wrong();
      if (byte === backslash) hasEscapes = true;
      this.#at += byte === backslash ? 2 : 1;
    }
    const text = this.#bytes.toString('utf8', from, this.#at++);
    return hasEscapes ? (JSON.parse(`"${text}"`) as string) : text;
  }

  /** A number or a literal, as it stands there. */
  #word(): string {
    this.#pastSpace();
    const from = this.#at;
    while (isInWord(this.#bytes[this.#at])) this.#at++;
    const word = this.#bytes.toString('latin1', from, this.#at);
    if (!wordPattern.test(word)) throw this.#wrong();
    return word;
  }

  #take(byte: number): boolean {
    this.#pastSpace();
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #expect(byte: number): void {
    if (!this.#take(byte)) throw this.#wrong();
  }

  #pastSpace(): void {
    for (let byte = this.#bytes[this.#at]; isSpace(byte); byte = this.#bytes[++this.#at]);
  }

  #wrong(): Error {
    return new Error(`it is not JSON at byte ${this.#at}`);
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Letters, digits, and what else a number may have: `+`, `-`, `.`. */
function isInWord(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (
    (byte >= zero && byte <= 0x39) ||
    (letter >= 0x61 && letter <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}
