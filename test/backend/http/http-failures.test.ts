import { describe, expect, it } from 'vitest';
import { fromStatus, fromTransportError, retryAfter } from '../../../engine/backend/http/http-failures.ts';
import { Failure } from '../../../engine/base/failure.ts';

const answer = (status: number, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: Buffer.from('secret words of a stranger'),
});

describe('what a status means', () => {
  it.each([
    [200, undefined, undefined],
    [206, undefined, undefined],
    [301, 'not-the-store', 'later'],
    [302, 'not-the-store', 'later'],
    [400, 'not-the-store', 'later'],
    [401, 'login-refused', 'never'],
    [403, 'login-refused', 'never'],
    [404, 'not-found', 'never'],
    [405, 'not-the-store', 'later'],
    [408, 'store-busy', 'later'],
    [429, 'store-busy', 'later'],
    [500, 'store-busy', 'later'],
    [503, 'store-busy', 'later'],
    [507, 'no-space', 'later'],
    [511, 'not-the-store', 'later'],
  ])('%i is %s, to be asked again: %s', (status, code, next) => {
    const failure = fromStatus(answer(status), 'host');
    expect(failure?.code).toBe(code);
    expect(failure?.next).toBe(next);
    expect(JSON.stringify(failure?.detail ?? {})).not.toContain('stranger');
  });

  it('knows how long to wait, in seconds or until a date, and never longer than an hour', () => {
    const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
    const later = 'Wed, 21 Oct 2015 07:28:45 GMT';
    expect(retryAfter(answer(503, { 'retry-after': '20' }))).toBe(20_000);
    expect(retryAfter(answer(503, { 'retry-after': later, date }))).toBe(45_000);
    expect(retryAfter(answer(503, { 'retry-after': date, date: later }))).toBe(0);
    expect(retryAfter(answer(503, { 'retry-after': '99999999' }))).toBe(3_600_000);
    for (const text of ['', 'soon', '-5', '1e9', later]) {
      expect(retryAfter(answer(503, { 'retry-after': text }))).toBeUndefined();
    }
    expect(fromStatus(answer(429, { 'retry-after': '3' }), 'host')?.detail.retryAfterMs).toBe(3_000);
    expect(fromStatus(answer(503), 'host')?.detail).toEqual({
      location: 'host',
      status: 503,
      why: 'status 503',
    });
  });
});

describe('what an error of the transport means', () => {
  it.each([
    ['ECONNREFUSED', 'store-unreachable', 'now'],
    ['ENOTFOUND', 'store-unreachable', 'now'],
    ['CERT_HAS_EXPIRED', 'store-unreachable', 'later'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'store-unreachable', 'later'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'store-unreachable', 'later'],
    ['HPE_INVALID_CONSTANT', 'not-the-store', 'later'],
  ])('%s', (errno, code, next) => {
    const error = Object.assign(new Error('secret'), { code: errno });
    expect(fromTransportError(error, 'host')).toMatchObject({
      code,
      next,
      detail: { location: 'host', errno },
    });
  });

  it('tells nothing that a stranger wrote', () => {
    const error = Object.assign(new Error('secret'), { code: 'user:secret@example.com/' });
    expect(fromTransportError(error, 'host').detail).toMatchObject({ location: 'host', errno: 'unknown' });
    const failure = new Failure('cancelled');
    expect(fromTransportError(failure, 'host')).toBe(failure);
  });
});
