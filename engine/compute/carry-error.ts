/** Takes errors from thread to thread: failures stay failures, and the system's errors keep their codes. */
import { Failure, type FailureCode, type FailureDetail, type FailureNext } from '../base/failure.ts';

export type CarriedError =
  | {
      readonly kind: 'failure';
      readonly code: FailureCode;
      readonly detail: FailureDetail;
      readonly next: FailureNext;
      readonly cause: CarriedError | undefined;
    }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** `code`, `errno`, `syscall` and `path` of an error of the system. */
      readonly system: Readonly<Record<string, string | number>>;
    };

const systemKeys = ['code', 'errno', 'syscall', 'path'] as const;

export function packError(error: unknown): CarriedError {
  if (error instanceof Failure) {
    const { code, detail, next, cause } = error;
    return { kind: 'failure', code, detail, next, cause: cause === undefined ? undefined : packError(cause) };
  }
  if (!(error instanceof Error))
    return { kind: 'error', name: 'Error', message: String(error), stack: undefined, system: {} };
  const system: Record<string, string | number> = {};
  for (const key of systemKeys) {
    const value = (error as unknown as Record<string, unknown>)[key];
    if (typeof value === 'string' || typeof value === 'number') system[key] = value;
  }
  return { kind: 'error', name: error.name, message: error.message, stack: error.stack, system };
}

export function unpackError(carried: CarriedError): Error {
  if (carried.kind === 'failure') {
    const { code, detail, next, cause } = carried;
    return new Failure(code, detail, { next, ...(cause === undefined ? {} : { cause: unpackError(cause) }) });
  }
  const error = Object.assign(new Error(carried.message), carried.system);
  error.name = carried.name;
  if (carried.stack !== undefined) error.stack = carried.stack;
  return error;
}
