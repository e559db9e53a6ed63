/** Makes of whatever was thrown the plain data that may cross to another process: a failure's code and details. */
import { isFailure } from '../base/failure.ts';
import type { PlainFailure } from '../protocol/app-state.ts';

/** What is no failure is a fault of ours: code `fault`, and its message. */
export function toPlainFailure(error: unknown): PlainFailure {
  if (isFailure(error)) return { code: error.code, detail: error.detail };
  return { code: 'fault', detail: { message: error instanceof Error ? error.message : String(error) } };
}
