/** What went wrong behind rclone, from what it said: over HTTP it says "500" for everything. */
import { Failure, type FailureCode, type FailureNext } from '../../base/failure.ts';

interface Finding {
  readonly said: RegExp;
  readonly code: FailureCode;
  readonly next: FailureNext;
}

/** In the order in which they are looked for: the first that fits is the reason. */
const findings: readonly Finding[] = [
  {
    said: /no space left|disk is full|disk full|STATUS_DISK_FULL|quota|insufficient (?:storage|space)|storage .*exceeded/i,
    code: 'no-space',
    next: 'later',
  },
  {
    said: /LOGON_FAILURE|logon is invalid|bad username|invalid_grant|token (?:has been )?(?:expired|revoked)|couldn't fetch token|unauthori[sz]ed|InvalidAccessKeyId|unable to authenticate|decrypt configuration|\b401\b/i,
    code: 'login-refused',
    next: 'never',
  },
  {
    said: /permission denied|access denied|ACCESS_DENIED|access is denied|forbidden|\b403\b/i,
    code: 'permission-denied',
    next: 'never',
  },
  { said: /read-only|EROFS|MEDIA_WRITE_PROTECTED/i, code: 'read-only', next: 'never' },
  {
    said: /\b429\b|rate ?limit|too many requests|try again later|\b503\b/i,
    code: 'store-busy',
    next: 'later',
  },
  {
    said: /dial tcp|no such host|connection (?:refused|reset)|i\/o timeout|timed? ?out|unreachable|broken pipe|\bEOF\b|NETWORK_NAME_DELETED|BAD_NETWORK_NAME/i,
    code: 'store-unreachable',
    next: 'now',
  },
];

/** Why a request failed, from the lines that rclone said while it was under way; undefined where they tell nothing. */
export function reasonOfRequest(lines: readonly string[], location: string): Failure | undefined {
  for (const { said, code, next } of findings) {
    const line = lines.find((each) => isError(each) && said.test(each));
    if (line === undefined) continue;
    const why = withoutPrefix(line);
    return new Failure(code, { location, path: location, operation: 'use', errno: why, why }, { next });
  }
  const line = lines.find(isError);
  if (line === undefined) return undefined;
  return new Failure('store-busy', { location, why: withoutPrefix(line) }, { next: 'later' });
}

/** Why rclone itself ended, or never began to serve. */
export function diagnoseRclone(
  lines: readonly string[],
  how: string,
  isLie: boolean,
  location: string,
): Failure {
  if (isLie) return new Failure('not-the-store', { location, why: how }, { next: 'later' });
  const missing = lines.find((line) =>
    /didn't find section in config file|didn't find backend called/i.test(line),
  );
  if (missing !== undefined) return new Failure('usage', { why: 'rclone-remote-missing', location });
  const flaw = lines.find((line) =>
    /unknown (?:flag|command|shorthand)|bad remote|can't (?:parse|load)/i.test(line),
  );
  if (flaw !== undefined)
    return new Failure('usage', { why: 'The program rclone could not begin.', instead: withoutPrefix(flaw) });
  const reason = reasonOfRequest(lines, location);
  if (reason !== undefined && reason.code !== 'store-busy') return reason;
  const last = lines.filter(isError).at(-1) ?? how;
  return new Failure('store-unreachable', { location, why: withoutPrefix(last) }, { next: 'now' });
}

function isError(line: string): boolean {
  return /\b(?:ERROR|CRITICAL|Failed|Fatal)\b/i.test(line);
}

/** The time of day and the severity: people know the first, and see the second. */
function withoutPrefix(line: string): string {
  return line.replace(/^[\d/]+ [\d:.]+ +/, '').replace(/^[A-Z]+ *: +/, '');
}
