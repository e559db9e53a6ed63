/** Where a backup reads from, out of the options: folders and lists of them, standard input, or a command's output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { type ByteString, fromText, toText } from '../base/byte-string.ts';
import { Failure, fromSystemError } from '../base/failure.ts';
import type { StreamSource } from '../job/archive-stream.ts';
import { expandGlobList, parseRawList, parseVerbatimList } from '../source/files-from.ts';
import type { Context, Input } from './command.ts';
import { printablePath } from './printable.ts';
import { whyNotStarted } from './sentences.ts';

export interface SourceOptions {
  readonly stdin: boolean;
  readonly stdinFromCommand: boolean;
  readonly stdinFilename: string | undefined;
  readonly filesFrom: readonly string[];
  readonly filesFromVerbatim: readonly string[];
  readonly filesFromRaw: readonly string[];
}

/** Fails with `usage` for what cannot go together, before anything is opened. */
export function checkSources(options: SourceOptions, operands: readonly ByteString[]): void {
  const { stdin, stdinFromCommand, filesFrom, filesFromVerbatim, filesFromRaw } = options;
  const lists = [...filesFrom, ...filesFromVerbatim, ...filesFromRaw];
  if (stdin && stdinFromCommand) throw usage('--stdin and --stdin-from-command exclude each other.');
  if ((stdin || stdinFromCommand) && lists.length > 0) {
    throw usage('A stream is the only source of its backup: leave --files-from away.');
  }
  if (stdin && operands.length > 0) throw usage('With --stdin, no folders can be named.');
  if (stdinFromCommand && operands.length === 0) {
    throw usage('The command is missing.', 'Write it after --, as in --stdin-from-command -- pg_dumpall.');
  }
  if (!stdin && !stdinFromCommand && lists.length === 0 && operands.length === 0) {
    throw usage(
      'What to back up is missing.',
      'Name files or folders, as in `slackwater backup ~/Documents`.',
    );
  }
  if (lists.filter((list) => list === '-').length > 1) throw usage('Only one list can be standard input.');
}

export function readsStdin(options: SourceOptions): boolean {
  const { stdin, filesFrom, filesFromVerbatim, filesFromRaw } = options;
  return stdin || [...filesFrom, ...filesFromVerbatim, ...filesFromRaw].includes('-');
}

/** The operands and what the lists name. */
export async function collectTargets(
  context: Context,
  options: SourceOptions,
  operands: readonly ByteString[],
): Promise<ByteString[]> {
  const targets = [...operands];
  const noMatch = (glob: ByteString): void =>
    context.output.warn(`"${printablePath(glob)}" in --files-from matches nothing`);
  for (const file of options.filesFrom) {
    targets.push(...expandGlobList(await readList(context, file), context.cwd, noMatch));
  }
  for (const file of options.filesFromVerbatim)
    targets.push(...parseVerbatimList(await readList(context, file)));
  for (const file of options.filesFromRaw) targets.push(...parseRawList(await readList(context, file)));
  if (targets.some((target) => target === '')) throw usage('An empty name cannot be backed up.');
  if (targets.length === 0) throw usage('The lists name nothing to back up.');
  return targets;
}

async function readList({ input }: Context, file: string): Promise<Uint8Array> {
  if (file === '-') return await readAll(input);
  try {
    return readFileSync(file);
  } catch (error) {
    throw fromSystemError(error, 'read', file);
  }
}

async function readAll(input: Input): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The one file of a backup of a stream, or undefined where folders are backed up. */
export function openStream(
  context: Context,
  options: SourceOptions,
  operands: readonly ByteString[],
): StreamSource | undefined {
  const name = options.stdinFilename ?? 'stdin';
  const path = fromText(
    `/${name
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/')}`,
  );
  if (path === '/' || path.split('/').includes('..')) throw usage('--stdin-filename must name a file.');
  if (options.stdin) {
    const pieces = addAbortSignal(context.signal, context.input as Readable);
    return { path, pieces, finished: async () => {} };
  }
  return options.stdinFromCommand ? commandStream(context, path, operands.map(toText)) : undefined;
}

/**
 * Runs the command, without a shell, when its first bytes are asked for. A snapshot is only made once it has ended
 * well, which may be some time after its last byte; where nobody wants more of it, it is ended.
 */
function commandStream(
  { signal }: Pick<Context, 'signal'>,
  path: ByteString,
  words: readonly string[],
): StreamSource {
  const [program = '', ...args] = words;
  let ended: Promise<void> = Promise.resolve();
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], windowsHide: true });
    const kill = (): void => void child.kill();
    signal.addEventListener('abort', kill);
    ended = successOf(child, program).finally(() => signal.removeEventListener('abort', kill));
    // Whoever waits for `finished` hears of it; until then it is nobody's rejection.
    ended.catch(() => undefined);
    let isAtEnd = false;
    try {
      yield* addAbortSignal(signal, child.stdout);
      isAtEnd = true;
    } finally {
      if (!isAtEnd) kill();
    }
  }
  const finished = async (): Promise<void> => {
    try {
      await ended;
    } catch (error) {
      // What was ended because of a cancel has not failed.
      signal.throwIfAborted();
      throw error;
    }
  };
  return { path, pieces: pieces(), finished };
}

async function successOf(child: ChildProcess, program: string): Promise<void> {
  const failed = (why: string): Failure => new Failure('command-failed', { command: `"${program}"`, why });
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (code === 0) return;
    throw failed(code === null ? `it was ended by ${signal}` : `it ended with code ${code}`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw failed(whyNotStarted(error));
  }
}

function usage(why: string, instead?: string): Failure {
  return new Failure('usage', instead === undefined ? { why } : { why, instead });
}
