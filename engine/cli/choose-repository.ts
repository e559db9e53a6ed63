/**
 * Which repository is meant, and how its password is had: first what the command line says, then `SLACKWATER_`, then
 * `RESTIC_` in the environment. Where none is named, it is the default vault, whose key is its own: a password
 * in the environment is for another repository.
 */
import { readFile } from 'node:fs/promises';
import { Failure, systemCode } from '../base/failure.ts';
import { Secret } from '../base/secret.ts';
import type { Context, GlobalValues } from './command.ts';
import type { Environment } from './parse-options.ts';
import { passwordFromCommand, passwordFromFile, passwordFromInput } from './read-password.ts';

const prefixes = ['SLACKWATER_', 'RESTIC_'] as const;

/** The location as it was named; undefined for the default vault. Fails with `usage`. */
export async function namedRepository(
  global: GlobalValues,
  environment: Environment,
): Promise<string | undefined> {
  const sources: Location[] = [{ repo: global.repo, file: global.repositoryFile }];
  for (const prefix of prefixes) {
    sources.push({
      repo: environment[`${prefix}REPOSITORY`],
      file: environment[`${prefix}REPOSITORY_FILE`],
    });
  }
  for (const { repo, file } of sources) {
    if (repo && file) {
      throw new Failure('usage', {
        why: 'A repository and a file that names one were given: give one of them.',
      });
    }
    if (repo) return repo;
    if (file) return await readLocation(file);
  }
  return undefined;
}

interface Location {
  readonly repo: string | undefined;
  readonly file: string | undefined;
}

async function readLocation(path: string): Promise<string> {
  try {
    const location = (await readFile(path, 'utf8')).trim();
    if (location !== '') return location;
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${systemCode(error)})`;
    throw new Failure('usage', { why: `The repository file ${path} ${why}.` });
  }
  throw new Failure('usage', { why: `The repository file ${path} is empty.` });
}

type PasswordWay =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'command'; readonly line: string }
  | { readonly from: 'environment'; readonly password: Secret<string> }
  | { readonly from: 'nothing' }
  | { readonly from: 'input' };

export function passwordWay(global: GlobalValues, environment: Environment): PasswordWay {
  const given = fileOrCommand(global.passwordFile, global.passwordCommand);
  if (global.insecureNoPassword) {
    if (given === undefined) return { from: 'nothing' };
    throw new Failure('usage', { why: '--insecure-no-password and a password exclude each other.' });
  }
  if (given !== undefined) return given;
  for (const prefix of prefixes) {
    const file = environment[`${prefix}PASSWORD_FILE`];
    const way = fileOrCommand(file, environment[`${prefix}PASSWORD_COMMAND`]);
    if (way !== undefined) return way;
    const password = environment[`${prefix}PASSWORD`];
    if (password) return { from: 'environment', password: new Secret(password) };
  }
  return { from: 'input' };
}

function fileOrCommand(path: string | undefined, line: string | undefined): PasswordWay | undefined {
  if (path && line) {
    throw new Failure('usage', {
      why: 'A password file and a password command were given: give one of them.',
    });
  }
  if (path) return { from: 'file', path };
  return line ? { from: 'command', line } : undefined;
}

/**
 * The password of the named repository, by whatever way was given; `ask` for one that is new or known is the
 * caller's. Fails with `password-missing`.
 */
export async function readPassword(
  context: Context,
  ask: (context: Context) => Promise<Secret<string>> = askForPassword,
): Promise<Secret<string>> {
  const way = passwordWay(context.global, context.environment);
  const password = await passwordBy(way, context, ask);
  if (password.reveal() === '' && way.from !== 'nothing') {
    throw new Failure('password-missing', {
      why: 'The password is empty.',
      todo: 'Give one, or say --insecure-no-password where that is meant.',
    });
  }
  return password;
}

async function passwordBy(
  way: PasswordWay,
  context: Context,
  ask: (context: Context) => Promise<Secret<string>>,
): Promise<Secret<string>> {
  switch (way.from) {
    case 'file':
      return await passwordFromFile(way.path);
    case 'command':
      return await passwordFromCommand(way.line, context.signal);
    case 'environment':
      return way.password;
    case 'nothing':
      return new Secret('');
    case 'input':
      return await ask(context);
  }
}

async function askForPassword(context: Context): Promise<Secret<string>> {
  const password = await passwordFromInput(context, 'Password of the repository: ');
  if (password.reveal() === '') {
    throw new Failure('password-missing', { why: 'A password is needed and none was given.' });
  }
  return password;
}
