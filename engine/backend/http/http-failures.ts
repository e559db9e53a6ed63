/**
 * What went wrong in HTTP, as failures: the one place that knows what a status means. Used by everything that speaks
 * HTTP. Nothing that a server or a library wrote gets into a failure, except numbers and error codes.
 */
import { Failure, type FailureDetail, isFailure, systemCode } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import type { FileName } from '../backend.ts';
import { type HttpAnswer, header } from './http-request.ts';

/** Where a certificate is at fault: no waiting mends it, but another network may. */
const certificateErrors = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;

/** An error of sockets, TLS or parsing. Failures pass unchanged. */
export function fromTransportError(error: unknown, host: string): Failure {
  if (isFailure(error)) return error;
  const errno = safeCode(systemCode(error));
  if (errno === 'ERR_PROXY_TUNNEL') return noTunnel(error, host);
  if (errno.startsWith('HPE_'))
    return new Failure(
      'not-the-store',
      { location: host, errno, why: 'it does not speak HTTP' },
      { next: 'later' },
    );
  return unreachable(host, errno, certificateErrors.test(errno) ? 'later' : 'now');
}

/** The proxy between does not let us through. */
function noTunnel(error: unknown, host: string): Failure {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status !== 407) return unreachable(host, 'ERR_PROXY_TUNNEL', 'later');
  return new Failure('login-refused', { location: host, status, why: 'the proxy wants a login' });
}

export function unreachable(host: string, errno: string, next: 'now' | 'later' = 'now'): Failure {
  return new Failure('store-unreachable', { location: host, errno, why: errno }, { next });
}

/** The answer is not one that the store would give: somebody else answers in its place, or it is another server. */
export function notTheStore(host: string, why: string, detail: FailureDetail = {}): Failure {
  return new Failure('not-the-store', { location: host, why, ...detail }, { next: 'later' });
}

/**
 * Whether a file that was said to be taken is there: `sizeBytes` is what the store says of it. Where it is gone, a transport
 * that lies may be behind it too: before it is sent again, whoever retries asks for a file that is known.
 */
export function checkTaken(
  { type, name }: FileName,
  length: number,
  sizeBytes: number | undefined,
  host: string,
): void {
  if (sizeBytes === undefined) throw new Failure('not-kept', { what: type, id: name }, { next: 'later' });
  if (sizeBytes !== length) throw notTheStore(host, 'it has something else than it said it took');
}

/** The failure that an answer's status means; undefined for 2xx. What 404 and 416 mean, the caller may know better. */
export function fromStatus(answer: HttpAnswer, host: string): Failure | undefined {
  const { status } = answer;
  const detail = { location: host, status, why: `status ${status}` };
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return notTheStore(host, 'it sends us elsewhere', { status });
  switch (status) {
    case 401:
    case 403:
    case 407:
      return new Failure('login-refused', detail);
    case 404:
      return new Failure('not-found', { ...detail, what: 'file', id: '' });
    case 507:
      return new Failure('no-space', { ...detail, operation: 'write', path: host }, { next: 'later' });
    case 511:
      return notTheStore(host, 'this network wants a login', { status });
  }
  const isBusy = status === 408 || status === 425 || status === 429 || status >= 500;
  if (!isBusy) return notTheStore(host, 'it does not understand us', { status });
  const retryAfterMs = retryAfter(answer);
  return new Failure('store-busy', retryAfterMs === undefined ? detail : { ...detail, retryAfterMs }, {
    next: 'later',
  });
}

/** How long the server asks us to wait, at most an hour. A date is taken against the server's own clock. */
export function retryAfter(answer: Pick<HttpAnswer, 'headers'>): number | undefined {
  const text = header(answer, 'retry-after')?.trim();
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - Date.parse(header(answer, 'date') ?? '');
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), limits.retryAfterMsMax) : undefined;
}

function safeCode(code: string | undefined): string {
  return code !== undefined && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'unknown';
}
