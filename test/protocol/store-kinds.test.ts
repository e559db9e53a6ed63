import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parseB2Address } from '../../engine/backend/b2/address.ts';
import { catalog } from '../../engine/backend/catalog.ts';
import { parseRcloneRemote } from '../../engine/backend/rclone/remote.ts';
import { parseRestLocation } from '../../engine/backend/rest-location.ts';
import { parseS3Address } from '../../engine/backend/s3/address.ts';
import { parseSftpAddress } from '../../engine/backend/sftp/address.ts';
import {
  isFilled,
  kindOfLocation,
  mayHoldSecret,
  placeOf,
  storeAccessSchema,
  storeKind,
  storeKinds,
  withoutLogin,
} from '../../engine/protocol/store-kinds.ts';

const rest = (location: string): string => location.slice(location.indexOf(':') + 1);

describe('what a form is filled with', () => {
  it('is what the store of that kind understands', () => {
    const s3 = placeOf(storeKind('s3'), {
      endpoint: ' https://s3.eu-central-1.storage.example/ ',
      bucket: 'box',
      prefix: '/me/laptop',
      keyId: ' id ',
      secretKey: ' secret with spaces ',
      lookup: 'path',
    });
    expect(s3.store).toEqual({
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: ' secret with spaces ',
      's3.bucket-lookup': 'path',
    });
    expect(parseS3Address(rest(s3.location), s3.store)).toMatchObject({
      bucket: 'box',
      prefix: 'me/laptop',
      region: 'eu-central-1',
      isPathStyle: true,
    });
    const b2 = placeOf(storeKind('b2'), { bucket: 'my-bucket', prefix: 'a/b' });
    expect(parseB2Address(rest(b2.location))).toEqual({ bucket: 'my-bucket', prefix: 'a/b' });
    const rclone = placeOf(storeKind('rclone'), { remote: 'pcloud:', prefix: 'backup' });
    expect(parseRcloneRemote(rest(rclone.location)).argument).toBe('pcloud:backup');
    expect(placeOf(storeKind('local'), { folder: ' /media/usb ' }).location).toBe('/media/usb');
  });

  it.each([
    [
      { host: 'pi', path: 'backup' },
      { host: 'pi', user: undefined, port: undefined, path: 'backup' },
    ],
    [
      { host: 'pi', login: 'me', path: '/srv/b' },
      { host: 'pi', user: 'me', path: '/srv/b' },
    ],
    [
      { host: 'pi', login: 'me', port: '2222', path: '/srv/b' },
      { user: 'me', port: 2222, path: '/srv/b' },
    ],
    [
      { host: '::1', port: '22', path: 'b' },
      { host: '::1', port: 22, path: 'b' },
    ],
  ])('is an SFTP address: %o', (values, address) => {
    const { location } = placeOf(storeKind('sftp'), values);
    expect(parseSftpAddress(rest(location))).toMatchObject(address);
  });

  it('has every required field, or is not ready', () => {
    expect(isFilled(storeKind('rest'), { address: ' ' })).toBe(false);
    expect(isFilled(storeKind('rest'), { address: 'pi' })).toBe(true);
    for (const kind of storeKinds) expect(isFilled(kind, {})).toBe(false);
  });

  it('is of the kind that its location says', () => {
    expect(storeKinds.map(({ id }) => id)).toEqual(catalog.map(({ scheme }) => scheme));
    for (const { id } of storeKinds.slice(1)) expect(kindOfLocation(`${id}:x`).id).toBe(id);
    expect(kindOfLocation('/odd:name').id).toBe('local');
    expect(kindOfLocation('odd:name').id).toBe('local');
  });
});

describe('a location', () => {
  it('loses its login, which the store is given all the same', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9._-]{1,20}$/), fc.string({ minLength: 1 }), (user, password) => {
        const typed = `rest:https://${encodeURIComponent(user)}:${encodeURIComponent(password)}@pi.example:8000/x/`;
        const { location, store } = withoutLogin(typed);
        expect(location).toBe('rest:https://pi.example:8000/x/');
        const before = parseRestLocation(rest(typed), {}).login;
        const after = parseRestLocation(rest(location), store).login;
        expect([after?.user, after?.password.reveal()]).toEqual([before?.user, before?.password.reveal()]);
      }),
    );
  });

  it('keeps no login, whatever is in it', () => {
    const { location, store } = withoutLogin('rest:http://example:a@b:c@store.example/x');
    expect(location).toBe('rest:http://store.example/x');
    expect(store).toEqual({ RESTIC_REST_USERNAME: 'example', RESTIC_REST_PASSWORD: 'a@b:c' });
  });

  it('is refused where a secret cannot be taken out of it', () => {
    const bad = [
      'rclone::smb,host=nas,pass=abc:share',
      'rclone:remote,secret_access_key=abc:x',
      's3:https://example:secret@store.example/bucket',
      'sftp:me:word@host:/x',
      'sftp://me:word@host//x',
    ];
    const good = [
      '/home/me:you@home,pass=1',
      'rclone:pcloud:back@up',
      'rest:https://store.example/a@b',
      's3:host/bucket/me@home',
      'sftp:me@host:/x@y',
      'sftp://me@host:22//x:y@z',
      'b2:bucket:me',
    ];
    expect(bad.filter((location) => !mayHoldSecret(location))).toEqual([]);
    expect(good.filter(mayHoldSecret)).toEqual([]);
  });
});

describe('the access of a store', () => {
  it('has no name but those of the forms: none can choose a program or change how it runs', () => {
    const accepts = (name: string): boolean => v.safeParse(storeAccessSchema, { [name]: 'x' }).success;
    expect(accepts('AWS_ACCESS_KEY_ID')).toBe(true);
    const bad = ['SLACKWATER_SSH_PROGRAM', 'SLACKWATER_RCLONE_PROGRAM', 'LD_PRELOAD', 'PATH'];
    expect(bad.filter(accepts)).toEqual([]);
  });
});
