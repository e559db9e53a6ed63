/**
 * The two streams. With --json, stdout carries JSON lines and nothing else; without it, answers for people. Progress,
 * notices and warnings go to stderr. Whoever calls makes text from outside printable; this file only carries it.
 */
import type { Log } from '../base/log.ts';

/** What is needed of a process's stream. */
export interface TextStream {
  write(chunk: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** 0: --quiet, 1: as usual, 2: -v, 3: -vv. */
export type Verbosity = 0 | 1 | 2 | 3;

export interface OutputStyle {
  readonly json: boolean;
  readonly verbosity: Verbosity;
  readonly colour: boolean;
}

type Colour = 'red' | 'yellow' | 'dim';
const colourCodes: Readonly<Record<Colour, string>> = { red: '31', yellow: '33', dim: '2' };

const columnsDefault = 80;

export class Output implements Log {
  readonly style: OutputStyle;
  readonly #stdout: TextStream;
  readonly #stderr: TextStream;
  #live: readonly string[] = [];
  #liveDrawn = 0;

  constructor(stdout: TextStream, stderr: TextStream, style: OutputStyle) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.style = style;
  }

  get json(): boolean {
    return this.style.json;
  }

  get verbosity(): Verbosity {
    return this.style.verbosity;
  }

  /** Columns of the terminal behind stderr; undefined where there is none. */
  get columns(): number | undefined {
    // A terminal without a size says 0.
    return this.#stderr.isTTY ? this.#stderr.columns || columnsDefault : undefined;
  }

  /** Whether anybody sees how far a run is: where nobody does, nobody need count how much there is in all. */
  get showsProgress(): boolean {
    return this.verbosity > 1 || (this.verbosity > 0 && (this.json || this.columns !== undefined));
  }

  /** An answer for people. */
  say(line = ''): void {
    if (!this.json) this.#write(this.#stdout, `${line}\n`);
  }

  /** As `say`, for what --quiet leaves out. */
  tell(line = ''): void {
    if (this.verbosity >= 1) this.say(line);
  }

  /** An answer for programs. */
  sayJson(value: unknown): void {
    if (this.json) this.#write(this.#stdout, `${toJsonLine(value)}\n`);
  }

  /** One JSON array on one line, given out piece by piece. `end` closes it, also after a failure. */
  sayJsonList(): { add(value: unknown): void; end(): void } {
    let separator = '[';
    return {
      add: (value) => {
        if (this.json) this.#write(this.#stdout, separator + toJsonLine(value));
        separator = ',';
      },
      end: () => {
        if (this.json) this.#write(this.#stdout, separator === '[' ? '[]\n' : ']\n');
      },
    };
  }

  /** Bytes as they are, in either style: what `cat blob` was asked for. */
  sayBytes(bytes: Uint8Array): void {
    this.#write(this.#stdout, bytes);
  }

  note(line: string): void {
    if (this.verbosity >= 1) this.#write(this.#stderr, `${line}\n`);
  }

  /** What stands above answers for people, but is none. */
  head(line: string): void {
    if (!this.json) this.note(line);
  }

  /** With --json, the message in place of the line where there is one. */
  warn(line: string, message?: Record<string, unknown>): void {
    const isJson = this.json && message !== undefined;
    const text = isJson ? toJsonLine(message) : `${this.paint('yellow', 'warning:')} ${line}`;
    this.#write(this.#stderr, `${text}\n`);
  }

  /** A question to the person at the terminal; the line stays open. */
  ask(prompt: string): void {
    this.#stderr.write(prompt);
  }

  /** Something failed. The line with --json is a JSON message, on stderr as restic does. */
  fail(line: string, message: Record<string, unknown>): void {
    this.#write(
      this.#stderr,
      this.json ? `${toJsonLine(message)}\n` : `${this.paint('red', 'error:')} ${line}\n`,
    );
  }

  paint(colour: Colour, text: string): string {
    return this.style.colour ? `\x1b[${colourCodes[colour]}m${text}\x1b[0m` : text;
  }

  /** Lines that stay at the bottom of the terminal and are drawn anew; none takes them away. */
  showLive(lines: readonly string[]): void {
    this.#live = lines;
    this.#stderr.write(this.#eraseLive() + this.#drawLive());
  }

  #write(stream: TextStream, chunk: string | Uint8Array): void {
    if (this.#liveDrawn === 0) {
      stream.write(chunk);
      return;
    }
    this.#stderr.write(this.#eraseLive());
    stream.write(chunk);
    this.#stderr.write(this.#drawLive());
  }

  #eraseLive(): string {
    const drawn = this.#liveDrawn;
    this.#liveDrawn = 0;
    return drawn === 0 ? '' : `\x1b[${drawn}F\x1b[J`;
  }

  #drawLive(): string {
    this.#liveDrawn = this.#live.length;
    return this.#live.map((line) => `${line}\n`).join('');
  }
}

/**
 * One line of JSON. Integers beyond 2^53 stay exact; control characters that JSON allows bare are escaped, because
 * the line may end up on a terminal.
 */
export function toJsonLine(value: unknown): string {
  const exact = (_key: string, each: unknown): unknown =>
    typeof each === 'bigint' ? rawJson(String(each)) : each;
  return JSON.stringify(value, exact).replace(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Node has it; the compiler's library does not know it yet. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };
