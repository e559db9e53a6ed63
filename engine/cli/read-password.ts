/** Gets a password from a file, a command, standard input or a person at a terminal. It never shows it anywhere. */
import { type ExecFileException, execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { Failure, isFailure, systemCode } from '../base/failure.ts';
import { Secret } from '../base/secret.ts';
import type { Context, Input } from './command.ts';
import { whyNotStarted } from './sentences.ts';

const passwordBytesMax = 1024 * 1024;

/** Text of a file or command: byte order marks obeyed, white space around it trimmed, as restic does. */
export function decodePassword(bytes: Uint8Array): string {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes).trim();
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes).trim();
  const hasMark = first === 0xef && second === 0xbb && third === 0xbf;
  return new TextDecoder().decode(hasMark ? bytes.subarray(3) : bytes).trim();
}

export async function passwordFromFile(path: string): Promise<Secret<string>> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > passwordBytesMax) throw missing(`The password file ${path} is far too large.`);
    return new Secret(decodePassword(bytes));
  } catch (error) {
    if (isFailure(error)) throw error;
    const why = systemCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${systemCode(error)})`;
    throw missing(`The password file ${path} ${why}.`, 'Check its name and its permissions.');
  }
}

/** Runs the command without a shell. Its stderr is the person's to read; what it printed is not repeated. */
export async function passwordFromCommand(commandLine: string, signal: AbortSignal): Promise<Secret<string>> {
  const [program, ...args] = splitCommand(commandLine);
  if (program === undefined) throw missing('The password command is empty.');
  return await new Promise((resolve, reject) => {
    const options = { encoding: 'buffer' as const, maxBuffer: passwordBytesMax, signal, windowsHide: true };
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null) resolve(new Secret(decodePassword(stdout)));
      else if (signal.aborted) reject(new Failure('cancelled'));
      else reject(commandFailed(program, error));
    });
    child.stderr?.pipe(process.stderr, { end: false });
  });
}

function commandFailed(program: string, error: ExecFileException): Failure {
  const { code, signal } = error;
  const ended = typeof code === 'number' ? `with code ${code}` : `by ${signal}`;
  const why = typeof code === 'number' || signal ? `it ended ${ended}` : whyNotStarted(error);
  return missing(
    `The password command "${program}" gave no password: ${why}.`,
    'Run it by itself to see what it says.',
  );
}

/** Words, as a shell splits them: quotes group; outside of them a backslash before a quote or space takes it as it is. */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && /[\s"'\\]/.test(line[at + 1] ?? '')) {
      word = (word ?? '') + line[++at]!;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new Failure('usage', { why: 'A quote in the password command is not closed.' });
  return word === undefined ? words : [...words, word];
}

/** Asks the person at the terminal, or takes the first line where standard input is none. */
export async function passwordFromInput(context: Context, prompt: string): Promise<Secret<string>> {
  const { input, output, signal } = context;
  if (input.isTTY) {
    return new Secret(await lineFromInput(context, prompt));
  }
  output.note('Reading the password from standard input.');
  return new Secret((await firstLine(input, signal)).trim());
}

/** What a person types at the terminal, who is asked for it; shown to nobody. */
export async function lineFromInput({ input, output, signal }: Context, prompt: string): Promise<string> {
  output.ask(prompt);
  try {
    return await typedLine(input, signal);
  } finally {
    output.ask('\n');
  }
}

/** A new password, typed twice on a terminal. Fails with `password-missing` for an empty one. */
export async function newPasswordFromInput(context: Context, what: string): Promise<Secret<string>> {
  const password = await passwordFromInput(context, `${what}: `);
  if (password.reveal() === '') throw missing('An empty password protects nothing.');
  if (!context.input.isTTY) return password;
  const again = await passwordFromInput(context, 'The same again: ');
  if (again.reveal() === password.reveal()) return password;
  throw missing('The two passwords differ.', 'Nothing was changed; try again.');
}

function missing(why: string, todo?: string): Failure {
  return new Failure('password-missing', todo === undefined ? { why } : { why, todo });
}

/** What keys did to a line that is typed. */
export interface Typed {
  readonly line: string;
  readonly end?: 'enter' | 'cancel';
}

/** Enter ends the line, Ctrl-C and an early Ctrl-D cancel; keys that make no character do nothing. */
export function typeKeys(before: string, keys: string): Typed {
  let line = before;
  for (const key of keys) {
    if (key === '\r' || key === '\n') return { line, end: 'enter' };
    if (key === '\x03' || (key === '\x04' && line === '')) return { line: '', end: 'cancel' };
    if (key === '\x7f' || key === '\b') line = [...line].slice(0, -1).join('');
    else if (key >= ' ') line += key;
  }
  return { line };
}

/** Keys until Enter, not echoed. */
function typedLine(input: Input, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let line = '';
    const stop = (): void => {
      input.off('data', take);
      signal.removeEventListener('abort', cancel);
      input.setRawMode?.(false);
      input.pause();
    };
    const cancel = (): void => {
      stop();
      reject(new Failure('cancelled'));
    };
    const take = (chunk: Buffer): void => {
      const typed = typeKeys(line, decoder.write(chunk));
      line = typed.line;
      if (typed.end === 'cancel') cancel();
      if (typed.end !== 'enter') return;
      stop();
      resolve(line);
    };
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel, { once: true });
    input.setRawMode?.(true);
    input.on('data', take);
    input.resume();
  });
}

function firstLine(input: Input, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const stop = (settle: () => void): void => {
      input.off('data', take).off('end', end).off('error', end);
      signal.removeEventListener('abort', cancel);
      input.pause();
      settle();
    };
    const end = (): void => stop(() => resolve(Buffer.concat(chunks).toString('utf8').split('\n')[0]!));
    const cancel = (): void => stop(() => reject(new Failure('cancelled')));
    const take = (chunk: Buffer | string): void => {
      chunks.push(Buffer.from(chunk));
      const isLong = chunks.reduce((sum, { length }) => sum + length, 0) > passwordBytesMax;
      if (isLong || chunks.at(-1)!.includes(0x0a)) end();
    };
    signal.addEventListener('abort', cancel, { once: true });
    input.on('data', take).on('end', end).on('error', end);
    input.resume();
  });
}
