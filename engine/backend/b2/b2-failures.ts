/** What B2 means by its refusals, as failures. Its codes are told apart; its sentences are never shown. */
import { Failure } from '../../base/failure.ts';
import { fromStatus, notTheStore } from '../http/http-failures.ts';
import type { HttpAnswer } from '../http/http-request.ts';
import { refusalCode } from './answers.ts';

export interface Refused {
  readonly host: string;
  /** For people: where the repository is. */
  readonly location: string;
  /** B2's name of the call. */
  readonly call: string;
}

const caps = /^(?:storage_|transaction_|download_)?cap_exceeded$/;
const missing = new Set(['not_found', 'file_not_present', 'no_such_file']);

/** The failure that an answer means; undefined where it is a success. */
export function fromB2Answer(answer: HttpAnswer, { host, location, call }: Refused): Failure | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const code = refusalCode(answer);
  const detail = { location: host, status, ...(code === undefined ? {} : { b2Code: code, why: code }) };
  // A page of a stranger is no reason to believe that a file is gone. An answer to HEAD has no body.
  const isStranger = code === undefined && answer.body.length > 0 && status >= 400 && status < 500;
  if (isStranger) return notTheStore(host, 'its answer is not of B2', { status });
  if (code !== undefined && caps.test(code)) return capped(code, call, location, detail);
  if (code !== undefined && missing.has(code)) return new Failure('not-found', { what: 'file', id: '' });
  if (code === 'bad_bucket_id') return new Failure('repository-missing', { location });
  if (code === 'duplicate_bucket_name')
    return new Failure('login-refused', { location, why: 'the bucket is of another account' });
  if (status === 401 && code === 'unauthorized' && call !== 'b2_authorize_account')
    return new Failure('login-refused', { ...detail, location, why: `the key may not do ${call}` });
  const meant = fromStatus(answer, host);
  if (meant === undefined || code === undefined) return meant;
  return new Failure(meant.code, { ...meant.detail, ...detail }, { next: meant.next });
}

/** The account's own limit: of storage, which is full, or of calls for a day, which are free again tomorrow. */
function capped(code: string, call: string, location: string, detail: Failure['detail']): Failure {
  const isStorage = code === 'storage_cap_exceeded' || (code === 'cap_exceeded' && call === 'b2_upload_file');
  const why = "a cap of the account is reached: see Caps & Alerts on Backblaze's pages";
  return isStorage
    ? new Failure('no-space', { ...detail, operation: 'write', path: location, why }, { next: 'later' })
    : new Failure('store-busy', { ...detail, location, why }, { next: 'later' });
}

/** The token is too old: with a new one the call is done. */
export function isTokenExpired(answer: HttpAnswer): boolean {
  if (answer.status !== 401) return false;
  const code = refusalCode(answer);
  // An answer to HEAD has no body.
  return code === undefined || code === 'expired_auth_token' || code === 'bad_auth_token';
}
