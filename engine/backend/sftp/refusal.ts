/** An SFTP server's no, as its status code, and the failure that it is for a caller. */
import { Failure, type FailureDetail } from '../../base/failure.ts';
import { status } from './packets.ts';

export class Refusal extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`the SFTP server answered with status ${code}`);
    this.name = 'Refusal';
    this.code = code;
  }
}

const words: Readonly<Record<number, string>> = {
  4: 'the server only says that it failed',
  5: 'the server takes it for a bad message',
  6: 'the server has no connection',
  7: 'the server lost its connection',
  8: 'the server does not support it',
};

export function isRefusal(error: unknown, code?: number): error is Refusal {
  return error instanceof Refusal && (code === undefined || error.code === code);
}

/** Failures pass unchanged. */
export function failureOf(error: unknown, operation: string, path: string): unknown {
  if (!isRefusal(error)) return error;
  const detail: FailureDetail = { operation, path, errno: words[error.code] ?? `status ${error.code}` };
  switch (error.code) {
    case status.noSuchFile:
      return new Failure('not-found', { what: 'file', id: path }, { cause: error });
    case status.permissionDenied:
      return new Failure('permission-denied', detail, { cause: error });
    default:
      return new Failure('io', detail, { next: 'now', cause: error });
  }
}
