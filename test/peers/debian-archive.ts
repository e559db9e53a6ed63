/**
 * Where this machine gets Debian from, as its own apt configuration says: both ways of writing sources are
 * understood (one line each, and deb822 stanzas). No host is named here, and none is guessed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Run, runProgram } from './run-program.ts';

export interface DebianArchive {
  readonly uri: string;
  /** The suite that this machine itself uses, such as `bookworm`. */
  readonly suite: string;
  /** A keyring file, when the entry names one. */
  readonly signedBy: string | undefined;
}

const debianSuite = /^(?:(?:old)*stable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)$/;

/** Debian's main archives in the order in which apt's configuration names them; empty where there is no apt. */
export async function debianArchives(run: Run = runProgram): Promise<DebianArchive[]> {
  const config = await run('apt-config', [
    'shell',
    'LIST',
    'Dir::Etc::sourcelist/f',
    'PARTS',
    'Dir::Etc::sourceparts/d',
  ]);
  if (config.code !== 0) return [];
  const value = (name: string): string => new RegExp(`^${name}='(.*)'$`, 'm').exec(config.stdout)?.[1] ?? '';
  const parts = value('PARTS');
  const files = [value('LIST'), ...list(parts).map((name) => join(parts, name))];
  return files.flatMap((file) => parseSources(file, read(file)));
}

/** The entries of one sources file that are Debian's main archive. */
export function parseSources(file: string, text: string): DebianArchive[] {
  const entries = file.endsWith('.sources') ? parseStanzas(text) : parseLines(text);
  return entries.flatMap(({ types, uris, suites, components, signedBy }) => {
    const suite = suites.find((name) => debianSuite.test(name));
    if (suite === undefined || !types.includes('deb') || !components.includes('main')) return [];
    return uris.map((uri) => ({ uri, suite, signedBy: signedBy?.startsWith('/') ? signedBy : undefined }));
  });
}

interface Entry {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
}

/** `deb [signed-by=/path] uri suite component...` */
function parseLines(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    const [, type, options, rest] = /^\s*(deb)\s+(?:\[([^\]]*)\]\s*)?([^#]+)/.exec(line) ?? [];
    const [uri, suite, ...components] = words(rest);
    if (type === undefined || uri === undefined || suite === undefined) return [];
    const signedBy = /(?:^|\s)signed-by=([^\s,]+)/i.exec(options ?? '')?.[1];
    return [{ types: [type], uris: [uri], suites: [suite], components, signedBy }];
  });
}

/** Stanzas of `Field: value`, where a line that begins with a space goes on the one before. */
function parseStanzas(text: string): Entry[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const stanzas = lines.join('\n').split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const field of stanza.split(/\n(?!\s)/)) {
      const [, name, value] = /^([\w-]+):\s*([\s\S]*)$/.exec(field.trim()) ?? [];
      if (name !== undefined && value !== undefined) fields.set(name.toLowerCase(), value);
    }
    if (/^(?:no|false|off|0)/i.test(fields.get('enabled') ?? 'yes')) return [];
    const field = (name: string): string[] => words(fields.get(name));
    return [
      {
        types: field('types'),
        uris: field('uris'),
        suites: field('suites'),
        components: field('components'),
        signedBy: field('signed-by')[0],
      },
    ];
  });
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(?:list|sources)$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
