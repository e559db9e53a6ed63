/** What a command is, and what it gets to work with. The commands themselves are in `commands/`, one file each. */
import type { ByteString } from '../base/byte-string.ts';
import type { World } from '../repo/repository.ts';
import type { ExitCode } from './exit-code.ts';
import type { globalOptions } from './global-options.ts';
import type { OptionTable, OptionValues } from './option-table.ts';
import type { Output } from './output.ts';
import type { Environment } from './parse-options.ts';

export type GlobalValues = OptionValues<typeof globalOptions>;

/** Standard input: a terminal where a person may be asked, or data. */
export interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** The process around a command, as values, so that tests can be one. */
export interface Surroundings {
  readonly world: Omit<World, 'log'>;
  /** How many threads work where so many are wished. */
  readonly threadCount: (wished: number) => number;
  readonly environment: Environment;
  readonly input: Input;
  readonly platform: NodeJS.Platform;
  /** The working folder, its links resolved. */
  readonly cwd: ByteString;
  /** The user's home folder. */
  readonly home: string;
  /** Aborted at the first Ctrl-C: end in order. */
  readonly signal: AbortSignal;
  /** Aborted at the second: end as soon as it is safe. */
  readonly hurry: AbortSignal;
}

export interface Context extends Omit<Surroundings, 'world' | 'threadCount'> {
  readonly world: World;
  readonly output: Output;
  readonly global: GlobalValues;
}

export interface Example {
  /** What is typed, without the program's name. */
  readonly line: string;
  readonly means: string;
}

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The forms it has, without the program's name. */
  readonly usage: readonly string[];
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly examples: readonly Example[];
  readonly options: OptionTable;
  /** It only prints answers: when nobody reads them any more, it ends. */
  readonly onlyAnswers: boolean;
  /** Answers with `ok` unless it says otherwise; fails with a `Failure`. */
  run(context: Context, values: OptionValues, operands: readonly ByteString[]): Promise<ExitCode | undefined>;
}

interface CommandOf<Table extends OptionTable> extends Omit<Command, 'options' | 'run'> {
  readonly options: Table;
  run(
    context: Context,
    values: OptionValues<Table>,
    operands: readonly ByteString[],
  ): Promise<ExitCode | undefined>;
}

/** Gives `run` the types of the command's own options. */
export function defineCommand<Table extends OptionTable>(command: CommandOf<Table>): Command {
  return command as unknown as Command;
}
