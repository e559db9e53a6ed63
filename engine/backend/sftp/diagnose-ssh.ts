/** Why ssh did not get through, from its own words: it ends with the same code for everything. */
import { Failure, type FailureCode, type FailureNext } from '../../base/failure.ts';

interface Finding {
  readonly said: RegExp;
  readonly code: FailureCode;
  readonly next: FailureNext;
  /** A code for the sentence that a person reads; without it, ssh's own words. */
  readonly why?: string;
}

/** In the order in which they are looked for: the first that fits is the reason. */
const findings: readonly Finding[] = [
  {
    said: /REMOTE HOST IDENTIFICATION HAS CHANGED|host key .*has changed|REVOKED HOST KEY/i,
    code: 'not-the-store',
    next: 'never',
    why: 'its host key is not the one that this machine knows; if the server was set up anew, remove the old key with `ssh-keygen -R`',
  },
  {
    said: /Host key verification failed|No \S+ host key is known/i,
    code: 'not-the-store',
    next: 'never',
    why: 'this machine does not know its host key yet; connect once with `ssh` by hand and compare the key',
  },
  {
    said: /Permission denied \(|Too many authentication failures|No more authentication methods/i,
    code: 'login-refused',
    next: 'never',
  },
  {
    said: /subsystem request failed|This service allows .* only/i,
    code: 'not-the-store',
    next: 'never',
    why: 'the server lets us in but offers no SFTP',
  },
  {
    said: /Bad (?:configuration|owner|permissions)|Can't open user config file|unknown option|invalid characters|no matching .* found/i,
    code: 'usage',
    next: 'never',
  },
];

/** What ssh says beside the reason. */
const noise = /^(?:Warning: Permanently added|@+|Pseudo-terminal|\*\* |debug\d:)/;

export function diagnoseSsh(
  notes: readonly string[],
  how: string,
  isLie: boolean,
  location: string,
): Failure {
  if (isLie) return new Failure('not-the-store', { location, why: how }, { next: 'later' });
  for (const { said, code, next, why } of findings) {
    const line = notes.find((note) => said.test(note));
    if (line !== undefined) return new Failure(code, { location, why: why ?? line }, { next });
  }
  const last = notes.filter((note) => !noise.test(note)).at(-1);
  return new Failure('store-unreachable', { location, why: last ?? how }, { next: 'now' });
}
