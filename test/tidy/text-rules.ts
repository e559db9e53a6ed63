/** What must not stand in any file of the project: places that exist only here, and work left for nobody. */
import { homedir } from 'node:os';
import { projectFolder } from '../../build/run-tool.ts';
import type { Finding, TextRule } from './rule.ts';
import { lineAt } from './source-file.ts';

/** Hosts that a reader may follow or that can never exist. A new one is added here on purpose. */
const knownHosts =
  /^(?:localhost|127\.0\.0\.1|\[::1\]|(?:[\w-]+\.)*example(?:\.(?:com|net|org))?|(?:[\w-]+\.)*(?:invalid|test)|restic\.net|restic\.readthedocs\.io|github\.com|nodejs\.org|www\.w3\.org)$/;

/** Of other people's making: addresses in it are of their projects. */
const lockFile = 'npm-shrinkwrap.json';

export const textRules: readonly TextRule[] = [
  {
    name: 'no hosts',
    reason: "a machine's mirror or registry is its own business, and it must not reach another one",
    findInText: ({ path, text }) =>
      path === lockFile
        ? findAll(text, /"resolved":/g, () => 'names where a package was downloaded')
        : findAll(text, /\bhttps?:\/\/([^\s/'"`()<>{}\\,;:$|^?*]+)/g, (_, host = '') =>
            knownHosts.test(host) ? undefined : `names the host ${host}`,
          ),
  },
  {
    name: 'no paths of this machine',
    reason: 'they are wrong on every other one, and tell who wrote this',
    findInText: ({ text }) =>
      [homedir(), projectFolder.replace(/\/$/, '')]
        .filter((folder) => folder.split('/').length > 1 && folder !== '/')
        .flatMap((folder) => findAll(text, literal(`${folder}/`), () => `names ${folder}`)),
  },
  {
    name: 'nothing left to do',
    reason: 'what is still to be done is an issue, where somebody sees it',
    findInText: ({ text }) =>
      findAll(text, new RegExp(`\\b(?:TO${'DO'}|FIX${'ME'}|XX${'X'})\\b`, 'g'), (found) => found),
  },
];

function findAll(
  text: string,
  pattern: RegExp,
  tell: (found: string, part: string | undefined) => string | undefined,
): Finding[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const what = tell(match[0], match[1]);
    return what === undefined ? [] : [{ line: lineAt(text, match.index), what }];
  });
}

function literal(text: string): RegExp {
  return new RegExp(`(?<![\\w/.-])${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`, 'g');
}
