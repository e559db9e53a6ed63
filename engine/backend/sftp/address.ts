/**
 * Where an SFTP repository is: restic's two ways to write it, and the command that connects. Nothing of it goes through
 * a shell; what could be taken for an option, or for a shell's word by a user's own ProxyCommand, is refused.
 */
import { Failure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';

export interface SftpAddress {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
  /** Without a slash at its beginning it is below the folder that the server begins in. */
  readonly path: string;
}

/** `user@host:path`, or `//user@host:port/path` whose path is absolute after two slashes. Fails with `usage`. */
export function parseSftpAddress(rest: string): SftpAddress {
  const match = rest.startsWith('//')
    ? /^\/\/(?:([^/]*)@)?(\[[^\]/@]+\]|[^:/@]+)(?::(\d{1,5}))?\/(.+)$/s.exec(rest)
    : /^(?:([^/]*)@)?(\[[^\]/@]+\]|[^:/@]+)()?:(.+)$/s.exec(rest);
  if (match === null) throw badAddress('Write it as sftp:user@host:/path or sftp://user@host:port//path.');
  const [, userText, bracketed = '', portText, path = ''] = match;
  const user = rest.startsWith('//') ? decoded(userText) : userText;
  const host = bracketed.replace(/^\[(.*)\]$/, '$1');
  const port = portText === undefined || portText === '' ? undefined : Number(portText);
  if (userText?.includes(':')) throw badAddress('A password does not belong into it: ssh uses keys.');
  if (port !== undefined && (port < 1 || port > 65_535)) throw badAddress('Its port is not one.');
  if (isUnsafe(host)) throw badAddress('Its host name has characters that no host name has.');
  // A domain's user has one backslash.
  if (user !== undefined && isUnsafe(user.replace(/(?<=\w)\\(?=\w)/, '')))
    throw badAddress('Its user name has characters that are not safe.');
  if (/[\p{Cc}]/u.test(path)) throw badAddress('Its path has control characters.');
  if (path === '~' || path.startsWith('~/'))
    throw badAddress(
      'Servers do not know ~ there. Leave it away: a path without / begins in the home folder.',
    );
  return { host, user, port, path: cleaned(path) };
}

/** ssh's arguments for a conversation in SFTP. `config`: a file that is read instead of the user's own. */
export function sshArguments({ host, user, port }: SftpAddress, config: string | undefined): string[] {
  const options = {
    // There is nobody to ask.
    BatchMode: 'yes',
    ConnectTimeout: limits.sshConnectSeconds,
    ServerAliveInterval: limits.sshAliveSeconds,
    ServerAliveCountMax: limits.sshAliveTries,
    // Of what a user's configuration may add to a login, nothing is wanted here.
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    RequestTTY: 'no',
    // Ours may be ended at any time: nobody else's connection shall hang on it.
    ControlMaster: 'no',
  };
  return [
    ...(config === undefined ? [] : ['-F', config]),
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    '-s',
    '--',
    host,
    'sftp',
  ];
}

/** ssh refuses the same, but not in every version. */
function isUnsafe(name: string): boolean {
  return name === '' || name.startsWith('-') || /[\s\p{Cc}'"`$\\;&<>|(){}]/u.test(name);
}

function decoded(user: string | undefined): string | undefined {
  try {
    return user === undefined ? undefined : decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** As restic cleans it: no doubled or last slash, `.` and `..` resolved. */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part === '..' && path.startsWith('/')) continue;
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/') || '.';
}

function badAddress(instead: string): Failure {
  return new Failure('usage', { why: 'The address of the SFTP repository cannot be understood.', instead });
}
