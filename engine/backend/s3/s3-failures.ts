/**
 * What S3 means by its errors, as failures. Codes are told apart from a fixed list; nothing else that a server wrote
 * gets into a failure.
 */
import { damaged, Failure, isFailure } from '../../base/failure.ts';
import type { FileName } from '../backend.ts';
import { fromStatus, fromTransportError, notTheStore } from '../http/http-failures.ts';
import { regionPattern } from './address.ts';

/** Of the SDK's errors, what matters here. */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly Region?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

const busyCodes = new Set([
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'ServiceUnavailable',
  'InternalError',
  'OperationAborted',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestTimeout',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
]);
const fullCodes = new Set([
  'QuotaExceeded',
  'QuotaExceededException',
  'XMinioStorageFull',
  'InsufficientStorage',
]);
/** The store saw other bytes than were sent. */
const mangledCodes = new Set(['BadDigest', 'XAmzContentSHA256Mismatch', 'InvalidDigest', 'IncompleteBody']);

export type Operation = 'read' | 'write' | 'remove' | 'list' | 'create';

export interface FailedCall {
  readonly host: string;
  /** For people: where the repository is. */
  readonly location: string;
  readonly operation: Operation;
  readonly file: FileName | undefined;
}

export function fromS3Error(error: unknown, { host, location, operation, file }: FailedCall): Failure {
  if (isFailure(error)) return error;
  const status = statusOf(error);
  if (status === undefined) return fromTransportError(error, host);
  // It was answered with success, and the SDK could not read the answer.
  if (status < 300) return notTheStore(host, 'its answer is not of S3', { status });
  const code = codeOf(error);
  const detail = { host, status, s3Code: code };
  if (code === 'NoSuchBucket') return new Failure('repository-missing', { location });
  if (busyCodes.has(code)) return busy(error, host, status);
  if (fullCodes.has(code) || saysFull(error))
    return new Failure('no-space', { operation, path: location, ...detail }, { next: 'later' });
  if (mangledCodes.has(code)) return new Failure('store-unreachable', { host, errno: code }, { next: 'now' });
  // Once the clock is right it goes on.
  if (code === 'RequestTimeTooSkewed') return new Failure('login-refused', detail, { next: 'later' });
  if (code === 'InvalidObjectState')
    return new Failure('permission-denied', { operation, path: location, errno: code });
  if (status === 404) return new Failure('not-found', { what: file?.type ?? 'bucket', id: file?.name ?? '' });
  if (status === 416) return damaged(file?.type ?? 'file', file?.name ?? '', 'it ends before the range does');
  // Some stores say so with 400.
  if (code === 'InvalidAccessKeyId' || code === 'SignatureDoesNotMatch' || code === 'ExpiredToken')
    return new Failure('login-refused', detail);
  const meant =
    fromStatus(answerOf(error, status), host) ?? notTheStore(host, 'its answer is not of S3', { status });
  return code === ''
    ? meant
    : new Failure(meant.code, { ...meant.detail, s3Code: code }, { next: meant.next });
}

/** The region that the store says is the right one. */
export function regionHint(error: unknown): string | undefined {
  if (![301, 307, 400].includes(statusOf(error) ?? 0)) return undefined;
  const { Region: told, $response: response } = error as SdkError;
  const region = typeof told === 'string' ? told : response?.headers?.['x-amz-bucket-region'];
  return region !== undefined && regionPattern.test(region) ? region : undefined;
}

/** Perhaps it is the wrong region: an answer to HEAD cannot say so, and cannot name the right one. */
export function mayBeWrongRegion(error: unknown): boolean {
  return [301, 400].includes(statusOf(error) ?? 0) && codeOf(error) === '';
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { $metadata, $response } = error as SdkError;
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

/** Shown only if it looks like one: a code is one word. */
function codeOf(error: unknown): string {
  const name = typeof error === 'object' && error !== null ? (error as SdkError).name : undefined;
  // What the SDK says where the answer has none.
  if (name === 'Unknown' || name === 'UnknownError' || name === 'Error') return '';
  return typeof name === 'string' && /^[A-Z][A-Za-z0-9]{2,60}$/.test(name) ? name : '';
}

/** Backblaze refuses with 403 and a sentence when a cap is reached; others name the quota in theirs. */
function saysFull(error: unknown): boolean {
  const { message } = error as SdkError;
  return (
    statusOf(error) === 403 && typeof message === 'string' && /\b(?:cap exceeded|quota)\b/i.test(message)
  );
}

function busy(error: unknown, host: string, status: number): Failure {
  // A status that is not itself "busy" (409, 400) is one with these codes.
  const meant = status === 429 || status >= 500 ? status : 503;
  return fromStatus(answerOf(error, meant), host)!;
}

function answerOf(error: unknown, status: number): Parameters<typeof fromStatus>[0] {
  return { status, headers: (error as SdkError).$response?.headers ?? {}, body: Buffer.alloc(0) };
}
