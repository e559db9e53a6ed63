/** Reads a command line by an option table. What it does not know is refused, with what was probably meant. */
import { parseArgs } from 'node:util';
import { Failure } from '../base/failure.ts';
import { nearest } from './nearest.ts';
import {
  longName,
  type OptionEntry,
  type OptionTable,
  type OptionValue,
  type OptionValues,
  takesValue,
} from './option-table.ts';
import { parseCount, parseDuration, parseSize, parseTruth } from './quantities.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** An argument that is no option: its place in the arguments, and whether it came after `--`. */
export interface Operand {
  readonly text: string;
  readonly index: number;
}

export interface ParsedLine<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  readonly operands: readonly Operand[];
}

interface Given {
  readonly value: string | undefined;
  readonly as: string;
}

/** Fails with `usage`. */
export function parseOptions<Table extends OptionTable>(
  args: readonly string[],
  table: Table,
  environment: Environment,
): ParsedLine<Table> {
  const names = keysByName(table);
  const given = new Map<string, Given[]>();
  const operands: Operand[] = [];
  for (const token of tokensOf(args, table)) {
    if (token.kind === 'positional') operands.push({ text: token.value, index: token.index });
    if (token.kind !== 'option') continue;
    const key = names.get(token.rawName);
    if (key === undefined) throw unknownOption(token.rawName, [...names.keys()]);
    const list = given.get(key) ?? [];
    list.push({ value: token.value, as: token.rawName });
    given.set(key, list);
  }
  const values: Record<string, OptionValue> = {};
  for (const [key, entry] of Object.entries(table)) {
    values[key] = valueFor(entry, given.get(key) ?? fromEnvironment(entry, environment));
  }
  return { values: values as OptionValues<Table>, operands };
}

/** The first argument that is neither an option of this table nor the value of one. */
export function firstOperand(args: readonly string[], table: OptionTable): Operand | undefined {
  for (const token of tokensOf(args, table)) {
    if (token.kind === 'positional') return { text: token.value, index: token.index };
  }
  return undefined;
}

function tokensOf(args: readonly string[], table: OptionTable) {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {};
  for (const [key, entry] of Object.entries(table)) {
    const type = takesValue(entry) ? 'string' : 'boolean';
    options[longName(key)] = entry.short === undefined ? { type } : { type, short: entry.short };
    for (const alias of entry.aliases ?? []) options[alias] = { type };
  }
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** `--long-name` and `-s` to the table's key. */
function keysByName(table: OptionTable): Map<string, string> {
  const names = new Map<string, string>();
  for (const [key, entry] of Object.entries(table)) {
    for (const name of [longName(key), ...(entry.aliases ?? [])]) names.set(`--${name}`, key);
    if (entry.short !== undefined) names.set(`-${entry.short}`, key);
  }
  return names;
}

function unknownOption(name: string, known: readonly string[]): Failure {
  const meant = name.startsWith('--') ? nearest(name, known) : undefined;
  return new Failure('usage', {
    why: `There is no option ${name}.`,
    ...(meant === undefined ? {} : { instead: `Did you mean ${meant}?` }),
  });
}

function fromEnvironment(entry: OptionEntry, environment: Environment): Given[] {
  if (entry.environment === undefined) return [];
  for (const name of [`SLACKWATER_${entry.environment}`, `RESTIC_${entry.environment}`]) {
    const value = environment[name];
    if (value !== undefined && value !== '') return [{ value, as: name }];
  }
  return [];
}

function valueFor(entry: OptionEntry, given: readonly Given[]): OptionValue {
  const last = given.at(-1);
  switch (entry.kind) {
    case 'flag':
      return last !== undefined && flagValue(last);
    case 'level':
      return given.reduce((sum, each) => (each.value === undefined ? sum + 1 : levelValue(each)), 0);
    case 'texts':
      return given.map((each) => textValue(entry, each));
    default:
      return last === undefined ? undefined : oneValue(entry, last);
  }
}

function flagValue(given: Given): boolean {
  const truth = given.value === undefined ? true : parseTruth(given.value);
  if (truth === undefined) throw wrong(given, 'is either given or not: it takes no value but true or false');
  return truth;
}

function levelValue(given: Given): number {
  const number = parseCount(given.value ?? '');
  if (number === undefined) throw wrong(given, 'takes a number, as in --verbose=2');
  return number;
}

function oneValue(entry: OptionEntry, given: Given): string | number {
  const typed = textValue(entry, given);
  switch (entry.kind) {
    case 'count':
      return parseCount(typed) ?? fail(wrong(given, 'takes a whole number, as in 3'));
    case 'size':
      return parseSize(typed) ?? fail(wrong(given, 'takes a size, as in 512, 10M or 1.5G'));
    case 'duration':
      return parseDuration(typed) ?? fail(wrong(given, 'takes a time, as in 90s, 5m or 1h30m'));
    default:
      return typed;
  }
}

function textValue(entry: OptionEntry, given: Given): string {
  if (given.value === undefined) throw wrong(given, `needs a value: ${entry.value ?? 'VALUE'}`);
  if (entry.choices !== undefined && !entry.choices.includes(given.value)) {
    throw wrong(given, `takes one of ${entry.choices.join(', ')}`);
  }
  return given.value;
}

function wrong(given: Given, why: string): Failure {
  return new Failure('usage', { why: `${given.as} ${why}.` });
}

function fail(failure: Failure): never {
  throw failure;
}
