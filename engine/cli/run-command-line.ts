/** From a command line to an exit code: finds the command, reads its options, runs it, says what went wrong. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { ByteString } from '../base/byte-string.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { dataFolder } from '../journal/data-folder.ts';
import type { LockMemory } from '../journal/lock-memory.ts';
import { openLockMemory } from '../journal/sqlite-lock-memory.ts';
import { isAway } from '../repo/cached-repository.ts';
import { catalog } from './catalog.ts';
import type { Command, Context, GlobalValues, Surroundings } from './command.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-code.ts';
import { globalOptions } from './global-options.ts';
import { helpJson, helpOf, overview } from './help.ts';
import { nobodyReads } from './interrupts.ts';
import { nearest } from './nearest.ts';
import { Output, type OutputStyle, type TextStream, type Verbosity } from './output.ts';
import { type Environment, firstOperand, parseOptions } from './parse-options.ts';
import { printable, printableLines } from './printable.ts';
import { sentenceOf, sentenceOfFault } from './sentences.ts';

export interface Streams {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

export interface CommandLine {
  /** Without the program's name. */
  readonly args: readonly string[];
  /** The same as bytes. */
  readonly rawArgs: readonly ByteString[];
}

/** What a command line turned out to ask for. */
export interface Started {
  readonly command: Command;
  readonly output: Output;
}

/** Never rejects. `onStarted` is told once the command is known. */
export async function runCommandLine(
  line: CommandLine,
  streams: Streams,
  surroundings: Surroundings,
  onStarted: (started: Started) => void = () => undefined,
): Promise<ExitCode> {
  const { environment, signal } = surroundings;
  // Until the options are read, the wish for JSON is guessed from its plain spelling.
  const early = styleOf(
    { json: line.args.includes('--json'), quiet: false, verbose: 0 },
    environment,
    streams,
  );
  let locks: LockMemory | undefined;
  let output = new Output(streams.stdout, streams.stderr, early);
  try {
    const found = await findCommand(line.args);
    if (found === undefined) {
      output.sayJson({
        message_type: 'help',
        commands: catalog.map(({ name, summary }) => ({ name, summary })),
      });
      output.say(overview().trimEnd());
      return exitCodes.ok;
    }
    const { command, index } = found;
    const table = { ...globalOptions, ...command.options };
    const { values, operands } = parseOptions(line.args, table, environment);
    const global = values as GlobalValues;
    output = new Output(streams.stdout, streams.stderr, styleOf(global, environment, streams));
    if (global.help) return explain(command, output);
    if (global.threads !== undefined)
      surroundings.world.compute.limitTo(surroundings.threadCount(global.threads));
    onStarted({ command, output });
    const log = printableLog(output);
    locks = openLockMemory(dataFolderOf(surroundings), log);
    const world = { ...surroundings.world, log, locks };
    const context: Context = { ...surroundings, world, output, global };
    const rest = operands.filter((operand) => operand.index !== index);
    const rawRest = rest.map((operand) => line.rawArgs[operand.index]!);
    return (await command.run(context, values, rawRest)) ?? exitCodes.ok;
  } catch (error) {
    return reportEnd(error, output, signal);
  } finally {
    locks?.close();
  }
}

function dataFolderOf({ platform, home, environment }: Surroundings): string {
  return resolve(dataFolder(platform, home || homedir(), environment));
}

async function findCommand(
  args: readonly string[],
): Promise<{ command: Command; index: number } | undefined> {
  const named = firstOperand(args, globalOptions);
  if (named === undefined) {
    parseOptions(args, globalOptions, {});
    return undefined;
  }
  const entry = catalog.find(({ name }) => name === named.text);
  if (entry !== undefined) return { command: await entry.load(), index: named.index };
  throw unknownCommand(named.text);
}

export function unknownCommand(typed: string): Failure {
  const meant = nearest(
    typed,
    catalog.map(({ name }) => name),
  );
  return new Failure('usage', {
    why: `There is no command "${typed}".`,
    instead: meant === undefined ? '`slackwater help` lists them.' : `Did you mean \`slackwater ${meant}\`?`,
  });
}

export function explain(command: Command, output: Output): ExitCode {
  output.sayJson(helpJson(command));
  output.say(helpOf(command).trimEnd());
  return exitCodes.ok;
}

function styleOf(
  { json, quiet, verbose }: Pick<GlobalValues, 'json' | 'quiet' | 'verbose'>,
  environment: Environment,
  { stderr }: Streams,
): OutputStyle {
  if (quiet && verbose > 0) {
    throw new Failure('usage', { why: '--quiet and --verbose exclude each other.' });
  }
  const isPlain = Boolean(environment.NO_COLOR) || environment.TERM === 'dumb';
  const verbosity = quiet ? 0 : Math.min(3, 1 + verbose);
  return { json, verbosity: verbosity as Verbosity, colour: stderr.isTTY === true && !isPlain };
}

/** What the engine says may quote names from anywhere. */
function printableLog(output: Output): Context['world']['log'] {
  return {
    warn: (sentence) => output.warn(printable(sentence)),
    note: (sentence) => output.note(printable(sentence)),
  };
}

function reportEnd(error: unknown, output: Output, signal: AbortSignal): ExitCode {
  if (signal.aborted && signal.reason === nobodyReads) return exitCodes.ok;
  // Whatever breaks while we are being stopped is a consequence of that.
  const failure =
    signal.aborted && (!isFailure(error) || isAway(error))
      ? new Failure('cancelled', {}, { cause: error })
      : error;
  const code = isFailure(failure) ? exitCodeOf(failure.code) : exitCodes.failed;
  const message = isFailure(failure) ? sentenceOf(failure) : sentenceOfFault(failure);
  output.fail(message, { message_type: 'exit_error', code, message });
  if (output.verbosity >= 3 && failure instanceof Error) output.note(printableStack(failure));
  return code;
}

function printableStack(error: Error): string {
  const causes = error.cause instanceof Error ? `\ncaused by ${printableStack(error.cause)}` : '';
  return printableLines(error.stack ?? error.message) + causes;
}
