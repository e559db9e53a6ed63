/**
 * Options as tables: parsing (`parse-options.ts`) and help (`help.ts`) are both made from them, so that neither can
 * know an option that the other does not. The key of an entry is the option's name in camelCase.
 */

export interface OptionExtra {
  /** One character. */
  readonly short?: string;
  /** Asked as `SLACKWATER_<name>`, then `RESTIC_<name>`, where the option is not given. */
  readonly environment?: string;
  /** What the option may say. */
  readonly choices?: readonly string[];
  /** Other long names, which help does not mention. */
  readonly aliases?: readonly string[];
}

export type OptionKind = 'flag' | 'text' | 'texts' | 'count' | 'size' | 'duration' | 'level';

export interface OptionEntry<Kind extends OptionKind = OptionKind> extends OptionExtra {
  readonly kind: Kind;
  /** What help calls the value, as in `--tag TAG`. */
  readonly value?: string;
  readonly says: string;
}

export type OptionTable = Readonly<Record<string, OptionEntry>>;

interface ValueOfKind {
  flag: boolean;
  text: string | undefined;
  /** Given any number of times. */
  texts: readonly string[];
  count: number | undefined;
  /** Bytes. */
  size: number | undefined;
  /** Milliseconds. */
  duration: number | undefined;
  /** How many times it was given, or the number in `--verbose=2`. */
  level: number;
}

export type OptionValue = ValueOfKind[OptionKind];
export type OptionValues<Table extends OptionTable = OptionTable> = {
  readonly [Name in keyof Table]: ValueOfKind[Table[Name]['kind']];
};

export function flag(says: string, extra: OptionExtra = {}): OptionEntry<'flag'> {
  return { kind: 'flag', says, ...extra };
}

export function level(says: string, extra: OptionExtra = {}): OptionEntry<'level'> {
  return { kind: 'level', says, ...extra };
}

export const text = withValue('text');
export const texts = withValue('texts');
export const count = withValue('count');
export const size = withValue('size');
export const duration = withValue('duration');

function withValue<Kind extends OptionKind>(kind: Kind) {
  return (value: string, says: string, extra: OptionExtra = {}): OptionEntry<Kind> => ({
    kind,
    value,
    says,
    ...extra,
  });
}

export function takesValue(entry: OptionEntry): boolean {
  return entry.kind !== 'flag' && entry.kind !== 'level';
}

/** `excludeIfPresent` is `--exclude-if-present`. */
export function longName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
