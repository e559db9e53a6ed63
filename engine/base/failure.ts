/**
 * A failure is an error that crosses a border: a code for programs, plain details for the sentence that a
 * person will read (`cli/sentences.ts` makes it), what to do next, and the cause. It never holds a secret.
 */

export type FailureCode =
  | 'ambiguous-id'
  | 'cancelled'
  | 'command-failed'
  | 'commit-incomplete'
  | 'commit-waiting'
  | 'damaged'
  | 'file-exists'
  | 'io'
  | 'lock-lost'
  | 'login-refused'
  | 'location-unsupported'
  | 'no-space'
  | 'not-found'
  /** The store said that it took a file, and does not have it: somebody removed it since, or it never was there. */
  | 'not-kept'
  | 'not-the-store'
  | 'nothing-to-back-up'
  | 'password-missing'
  | 'password-wrong'
  | 'permission-denied'
  | 'read-only'
  | 'repository-exists'
  | 'repository-locked'
  | 'repository-missing'
  | 'repository-replaced'
  | 'repository-unsupported'
  | 'source-missing'
  | 'source-unreadable'
  | 'store-busy'
  | 'store-unreachable'
  | 'target-unsafe'
  | 'usage'
  | 'verification-failed';

/** What a caller may do: try again at once, try again when something has changed, or never. */
export type FailureNext = 'now' | 'later' | 'never';

export type FailureDetail = Readonly<Record<string, string | number | boolean>>;

export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: FailureDetail;
  readonly next: FailureNext;

  constructor(
    code: FailureCode,
    detail: FailureDetail = {},
    options: { next?: FailureNext; cause?: unknown } = {},
  ) {
    super(`${code} ${JSON.stringify(detail)}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.detail = detail;
    this.next = options.next ?? 'never';
  }
}

export function isFailure(error: unknown, code?: FailureCode): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code);
}

/** Something stored does not say what it must say. `what` names the kind of thing, `id` the one. */
export function damaged(what: string, id: string, why: string, cause?: unknown): Failure {
  return new Failure('damaged', { what, id, why }, { cause });
}

/** The system's code (`ENOENT`, `ENOSPC` ...) of an error that came from it, or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Turns an error of the operating system into a failure; failures pass unchanged. */
export function fromSystemError(error: unknown, operation: string, path: string): Failure {
  if (isFailure(error)) return error;
  const errno = systemCode(error) ?? 'unknown';
  const detail = { operation, path, errno };
  const options = { cause: error };
  switch (errno) {
    case 'ENOENT':
      return new Failure('not-found', { what: 'file', id: path }, options);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new Failure('no-space', detail, { ...options, next: 'later' });
    case 'EROFS':
      return new Failure('read-only', detail, options);
    case 'EACCES':
    case 'EPERM':
      return new Failure('permission-denied', detail, options);
    case 'ABORT_ERR':
      return new Failure('cancelled', {}, options);
    default:
      return new Failure('io', detail, { ...options, next: 'now' });
  }
}
