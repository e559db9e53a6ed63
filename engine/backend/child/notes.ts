/**
 * What a program said on its stderr: told to the log, a bounded number of lines a session, without secrets; the last of
 * them are kept to find out why it failed.
 */
import { limits } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';

/** What a login looks like that a server gives back, in its error, as it came: its password in another spelling. */
const login = /\b(Basic|Bearer|Digest|AWS4-HMAC-SHA256)\s+\S.*$/gi;

export class Notes {
  readonly #program: string;
  readonly #log: Log;
  readonly #secrets: readonly string[];
  readonly #last: string[] = [];
  #told = 0;

  constructor(program: string, log: Log, secrets: readonly string[]) {
    this.#program = program;
    this.#log = log;
    // Shorter ones would be found everywhere.
    this.#secrets = secrets.filter((secret) => secret.length >= 4);
  }

  hear(line: string): void {
    const known = this.#secrets.reduce((said, secret) => said.replaceAll(secret, '***'), line);
    const text = known.replace(login, '$1 ***');
    this.#last.push(text);
    if (this.#last.length > limits.programNotesKept) this.#last.shift();
    this.#told += 1;
    if (this.#told <= limits.programNotesTold) this.#log.note(`${this.#program}: ${text}`);
    if (this.#told === limits.programNotesTold + 1)
      this.#log.note(`${this.#program} says more; it is not shown.`);
  }

  /** The last of what was said. */
  get last(): readonly string[] {
    return this.#last;
  }

  /** How many lines were said by now. */
  get count(): number {
    return this.#told;
  }

  /** What was said since there were so many lines, as far as it is kept. */
  since(count: number): readonly string[] {
    const missed = this.#told - count;
    return missed <= 0 ? [] : this.#last.slice(-missed);
  }
}
