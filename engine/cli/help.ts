/** Help that teaches: what a command is for, what one types, what each option means. Made from the same tables. */
import { catalog } from './catalog.ts';
import type { Command } from './command.ts';
import { exitCodeMeanings } from './exit-code.ts';
import { environmentMeanings, outputOptions, repositoryOptions, storeOptions } from './global-options.ts';
import { longName, type OptionEntry, type OptionTable } from './option-table.ts';

const widthMax = 100;
const program = 'slackwater';

/** `slackwater help`. */
export function overview(): string {
  return joined([
    'Slackwater makes backups in the format of restic: encrypted, deduplicated, readable by both.',
    section('Begin with', [
      ...example(
        'backup ~/Documents',
        'back up a folder into your default vault, which is made on first use',
      ),
      ...example('snapshots', 'see what was backed up'),
      ...example(
        'restore latest --target /tmp/restored',
        'bring the newest snapshot back, beside the originals',
      ),
    ]),
    section('Commands', twoColumns(catalog.map(({ name, summary }) => [name, summary]))),
    globalSections(),
    section('Environment', [
      ...twoColumns(environmentMeanings),
      '',
      ...wrap(
        'Where one of these is not set, RESTIC_ in place of SLACKWATER_ is asked: a shell set up for restic just works.',
        2,
      ),
      '',
      ...wrap(
        "A store's own login is read as restic reads it: RESTIC_REST_USERNAME and _PASSWORD, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, B2_ACCOUNT_ID and B2_ACCOUNT_KEY. HTTP_PROXY, HTTPS_PROXY and NO_PROXY hold as for restic; a proxy that speaks SOCKS only serves rclone.",
        2,
      ),
    ]),
    section('Exit codes', twoColumns(exitCodeMeanings.map(([code, means]) => [String(code), means]))),
    `\`${program} help COMMAND\` explains a command. \`${program} serve\` shows backups, plans and vaults in a browser.`,
  ]);
}

/** `slackwater help COMMAND`. */
export function helpOf(command: Command): string {
  return joined([
    `${program} ${command.name}: ${command.summary.charAt(0).toLowerCase()}${command.summary.slice(1)}.`,
    section(
      'Usage',
      command.usage.map((usage) => `  ${program} ${usage}`),
    ),
    ...command.description.map((paragraph) => wrap(paragraph, 0).join('\n')),
    section(
      'Examples',
      command.examples.flatMap(({ line, means }) => example(line, means)),
    ),
    section('Options', optionRows(command.options)),
    globalSections(),
    section('Exit codes', twoColumns(exitCodeMeanings.map(([code, means]) => [String(code), means]))),
  ]);
}

/** The same for programs. */
export function helpJson(command: Command): Record<string, unknown> {
  const { name, summary, usage, description, examples } = command;
  const options = Object.entries({
    ...command.options,
    ...repositoryOptions,
    ...storeOptions,
    ...outputOptions,
  }).map(([key, entry]: [string, OptionEntry]) => ({ ...entry, name: longName(key) }));
  return { message_type: 'help', command: name, summary, usage, description, examples, options };
}

function globalSections(): string {
  return joined([
    section('The repository', optionRows(repositoryOptions)),
    section('A store across a network', optionRows(storeOptions)),
    section('What is printed', optionRows(outputOptions)),
  ]).trimEnd();
}

function joined(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [`${title}:`, ...lines].join('\n');
}

function example(line: string, means: string): string[] {
  return [`  ${program} ${line}`, ...wrap(means, 6)];
}

function optionRows(table: OptionTable): string[] {
  return twoColumns(
    Object.entries(table).map(([key, entry]) => [optionForm(key, entry), optionMeaning(entry)]),
  );
}

function optionForm(key: string, entry: OptionEntry): string {
  const short = entry.short === undefined ? '    ' : `-${entry.short}, `;
  const value = entry.value === undefined ? '' : ` ${entry.value}`;
  return `${short}--${longName(key)}${value}`;
}

function optionMeaning(entry: OptionEntry): string {
  const many = entry.kind === 'texts' ? ' (may be given again)' : '';
  const environment = entry.environment === undefined ? '' : ` [SLACKWATER_${entry.environment}]`;
  return entry.says + many + environment;
}

const leftWidthMax = 32;

function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(leftWidthMax, Math.max(...rows.map(([left]) => left.length), 0));
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, width + 4);
    const first = lines[0]!.trimStart();
    if (left.length > width) return [`  ${left}`, ...lines];
    return [`  ${left.padEnd(width)}  ${first}`, ...lines.slice(1)];
  });
}

/** Breaks at spaces, every line indented. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length + indent > widthMax && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each);
}
