/** What the process tells the one who started it: restic's codes, so that scripts written for it keep working. */
import type { FailureCode } from '../base/failure.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  /** A backup was made, but something of the sources could not be read. */
  incomplete: 3,
  repositoryMissing: 10,
  repositoryLocked: 11,
  passwordWrong: 12,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'It worked.'],
  [exitCodes.failed, 'It failed; the last line on stderr says why.'],
  [exitCodes.incomplete, 'The snapshot was made, but some source data could not be read.'],
  [exitCodes.repositoryMissing, 'There is no repository at that place.'],
  [exitCodes.repositoryLocked, 'Someone else holds a lock on the repository.'],
  [exitCodes.passwordWrong, 'The password is wrong.'],
  [exitCodes.cancelled, 'It was cancelled (Ctrl-C, or SIGTERM).'],
];

const special: Partial<Record<FailureCode, ExitCode>> = {
  'repository-missing': exitCodes.repositoryMissing,
  'repository-locked': exitCodes.repositoryLocked,
  'password-wrong': exitCodes.passwordWrong,
  cancelled: exitCodes.cancelled,
};

export function exitCodeOf(code: FailureCode): ExitCode {
  return special[code] ?? exitCodes.failed;
}
