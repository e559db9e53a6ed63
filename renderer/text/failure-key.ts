/** From what a call failed with to the sentence about it. In Electron an error crosses with its message alone. */
import type { PlainFailure } from '../../engine/protocol/app-state.ts';
import { en } from './en.ts';

export type FailureKey = keyof typeof en.failures;

export function failureKey(failure: PlainFailure): FailureKey {
  return Object.hasOwn(en.failures, failure.code) ? (failure.code as FailureKey) : 'other';
}

/** The failure in what a call was refused with, or as much of it as its message says. */
export function failureOf(error: unknown): PlainFailure {
  if (typeof error === 'object' && error !== null) {
    if ('failure' in error && isPlainFailure(error.failure)) return error.failure;
    if (isPlainFailure(error)) return error;
    if (error instanceof Error && /^[a-z-]{2,40}$/.test(error.message))
      return { code: error.message, detail: {} };
    if (error instanceof Error) return { code: 'other', detail: { message: error.message } };
  }
  return { code: 'other', detail: { message: String(error) } };
}

function isPlainFailure(value: unknown): value is PlainFailure {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'detail' in value &&
    typeof value.detail === 'object'
  );
}
