/** Where a REST server's repository is, from restic's forms `rest:http(s)://user:password@host/path/` and
 * `rest:http+unix:///path/to/socket:/repository/`. Nothing of a location gets into an error: it may hold a password. */
import { Failure } from '../base/failure.ts';
import { Secret } from '../base/secret.ts';
import type { StoreAccess } from './backend.ts';

export interface RestLocation {
  /** Without credentials; its path ends with a slash. */
  readonly base: URL;
  readonly socketPath?: string;
  /** For people. */
  readonly shown: string;
  readonly login?: { readonly user: string; readonly password: Secret<string> };
}

/** `rest`: what follows `rest:`. The login is the location's, or else that of `RESTIC_REST_USERNAME` and `_PASSWORD`. */
export function parseRestLocation(rest: string, access: StoreAccess): RestLocation {
  const unix = /^http\+unix:\/\/(\/[^:]+):(\/.*)$/.exec(rest);
  const base = parseUrl(unix === null ? rest : `http://localhost${unix[2]}`);
  if (base.search !== '' || base.hash !== '') throw badLocation();
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const login = loginOf(base, access);
  base.username = '';
  base.password = '';
  const [, socketPath] = unix ?? [];
  const shown = socketPath === undefined ? base.href : `http+unix://${socketPath}:${base.pathname}`;
  return {
    base,
    shown: `rest:${shown}`,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(login === undefined ? {} : { login }),
  };
}

function parseUrl(text: string): URL {
  // No cause: the error of a URL repeats it.
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) throw badLocation();
  return new URL(text);
}

function loginOf(base: URL, access: StoreAccess): RestLocation['login'] {
  const user = decoded(base.username);
  const password = decoded(base.password);
  if (user !== '' || password !== '') return { user, password: new Secret(password) };
  const { RESTIC_REST_USERNAME: envUser = '', RESTIC_REST_PASSWORD: envPassword = '' } = access;
  if (envUser === '' && envPassword === '') return undefined;
  return { user: envUser, password: new Secret(envPassword) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badLocation();
  }
}

function badLocation(): Failure {
  return new Failure('usage', {
    why: 'This address of a REST server cannot be understood.',
    instead:
      'It looks like rest:http(s)://user:password@host:8000/path/ or rest:http+unix:///path/to/socket:/path/.',
  });
}
