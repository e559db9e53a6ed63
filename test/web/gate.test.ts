import { describe, expect, it } from 'vitest';
import { permit, type RequestFacts } from '../../electron/web/gate.ts';

const page: RequestFacts = {
  method: 'GET',
  target: '/',
  host: '127.0.0.1:4000',
  origin: undefined,
  fetchSite: 'none',
  contentType: undefined,
  hasSession: true,
  port: 4000,
};
const post: RequestFacts = {
  ...page,
  method: 'POST',
  target: '/call/resume',
  origin: 'http://127.0.0.1:4000',
  fetchSite: 'same-origin',
  contentType: 'application/json',
};

describe('who has a session', () => {
  it.each([
    ['the page', page, { do: 'file', path: '/' }],
    ['a file', { ...page, target: '/a.js?v=1', fetchSite: 'same-origin' }, { do: 'file', path: '/a.js' }],
    ['the state', { ...page, target: '/state', fetchSite: 'same-origin' }, { do: 'state' }],
    ['a call', post, { do: 'call', name: 'resume' }],
    ['another name of this machine', { ...page, host: 'localhost:4000' }, { do: 'file', path: '/' }],
  ] satisfies [string, RequestFacts, object][])('gets %s', (_, facts, permission) => {
    expect(permit(facts)).toEqual(permission);
  });
});

it('lets a token through to be looked at, without a session', () => {
  const facts = { ...page, target: '/?token=abc', hasSession: false };
  expect(permit(facts)).toEqual({ do: 'exchange', token: 'abc' });
});

it.each([
  ['a foreign Host', { ...page, host: 'rebound.example:4000' }, 421],
  ['no Host', { ...page, host: undefined }, 421],
  ['this machine at another port', { ...page, host: '127.0.0.1:4001' }, 421],
  ['a token for a foreign Host', { ...page, host: 'rebound.example', target: '/?token=abc' }, 421],
  ['a foreign Origin', { ...post, origin: 'https://site.example' }, 403],
  ['an opaque Origin', { ...post, origin: 'null' }, 403],
  ['the other name as Origin', { ...post, origin: 'http://localhost:4000' }, 403],
  ['a POST without Origin', { ...post, origin: undefined }, 403],
  ['a page without session', { ...page, hasSession: false }, 401],
  ['a call without session', { ...post, hasSession: false }, 401],
  ['the state without session', { ...page, target: '/state', hasSession: false }, 401],
  ['the state for a page on another port', { ...page, target: '/state', fetchSite: 'same-site' }, 403],
  ['a script for a page of another site', { ...page, target: '/a.js', fetchSite: 'cross-site' }, 403],
  ['a GET on a call', { ...page, target: '/call/resume' }, 405],
  ['a POST that is no call', { ...post, target: '/state' }, 404],
  ['a call of a strange name', { ...post, target: '/call/__proto__' }, 404],
  ['a form as call', { ...post, contentType: 'text/plain' }, 415],
  ['a DELETE', { ...page, method: 'DELETE' }, 405],
] satisfies [string, RequestFacts, number][])('refuses %s', (_, facts, status) => {
  expect(permit(facts)).toMatchObject({ do: 'refuse', status });
});
