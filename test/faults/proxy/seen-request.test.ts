import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { seeRequest } from './seen-request.ts';

const name = '0f'.repeat(32);
const see = (method: string, url: string, headers: Record<string, string> = {}): string => {
  const {
    operation,
    type,
    name: of,
  } = seeRequest({ method, url, headers } as unknown as IncomingMessage, 1, 0);
  return [operation, type, of === '' ? '' : 'named'].filter(Boolean).join(' ');
};

it.each([
  ['POST', '/r/?create=true', 'create'],
  ['POST', `/r/data/${name}`, 'save pack named'],
  ['HEAD', `/r/snapshots/${name}`, 'stat snapshot named'],
  ['GET', '/r/config', 'load config'],
  ['GET', '/r/index/', 'list index'],
  ['PUT', `/bucket/some/data/0f/${name}?x-id=PutObject`, 'save pack named'],
  ['GET', '/bucket/?list-type=2&prefix=some%2Flocks%2F', 'list lock'],
  ['DELETE', `/locks/${name}`, 'remove lock named'],
  ['GET', '/elsewhere', 'other'],
])('understands %s %s', (method, url, understood) => {
  expect(see(method, url)).toBe(understood);
});

it('understands an upload to B2 by its header', () => {
  const headers = { 'x-bz-file-name': `vault/keys/${name}` };
  expect(see('POST', '/b2api/v2/b2_upload_file/1', headers)).toBe('save key named');
});
