/** Failures of the core as they cross to a window: made, and read from whatever was thrown. */
import type { PlainFailure } from '../../engine/protocol/app-state.ts';
import { CallRefused } from '../../engine/protocol/link.ts';

/** A refusal of a call. `why` is a code too. */
export function refusal(code: string, detail: PlainFailure['detail'] = {}): CallRefused {
  return new CallRefused({ code, detail });
}

/** What was thrown, as plain data. Of foreign errors only the system's code is taken: their text may say too much. */
export function toPlainFailure(error: unknown): PlainFailure {
  if (error instanceof CallRefused) return error.failure;
  const errno = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return { code: 'no-space', detail: { errno } };
  if (errno === 'EACCES' || errno === 'EPERM') return { code: 'permission-denied', detail: { errno } };
  return { code: 'io', detail: typeof errno === 'string' ? { errno } : {} };
}
