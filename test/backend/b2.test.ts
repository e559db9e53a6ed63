import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openB2 } from '../../engine/backend/b2.ts';
import type { Backend, FileName, FileType, StoreAccess } from '../../engine/backend/backend.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { type B2Server, startB2 } from '../support/b2-server/b2-server.ts';
import { testWorld } from '../support/test-repository.ts';

function accessOf({ state, endpoint }: B2Server): StoreAccess {
  return { B2_ACCOUNT_ID: state.keyId, B2_ACCOUNT_KEY: state.key, 'b2.endpoint': endpoint };
}

function open(server: B2Server, access: StoreAccess = {}): Backend {
  return openB2('some-bucket:some/where', { ...testWorld(), access: { ...accessOf(server), ...access } });
}

backendContract('a bucket of Backblaze B2', async () => {
  const server = await startB2();
  return { backend: open(server), remove: () => server.close() };
});

describe('a bucket of Backblaze B2', () => {
  let server: B2Server;
  let backend: Backend;

  beforeEach(async () => {
    server = await startB2();
    backend = open(server);
    await backend.create();
    server.state.calls.length = 0;
  });
  afterEach(async () => {
    await backend.close();
    await server.close();
  });

  const save = async (content: string, type: FileType = 'index'): Promise<FileName> => {
    const file = { type, name: hash('sha256', content, 'hex') };
    await backend.save(file, [Buffer.from(content)]);
    return file;
  };
  const listed = async (type: FileType): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of backend.list(type)) names.push(name);
    return names;
  };
  const countOf = (call: string): number => server.state.calls.filter((each) => each === call).length;
  const versions = (): string[] =>
    server.state.buckets
      .get('some-bucket')!
      .versions('')
      .map(({ fileName }) => fileName);

  it("has restic's layout", async () => {
    const pack = await save('pack', 'pack');
    await backend.save({ type: 'config', name: '' }, [Buffer.from('config')]);
    expect(versions()).toEqual([
      'some/where/config',
      `some/where/data/${pack.name.slice(0, 2)}/${pack.name}`,
    ]);
  });

  it('logs in once and uses an upload address again, one for each upload at a time', async () => {
    for (let i = 0; i < 5; i++) await save(`one after the other ${i}`);
    expect(countOf('b2_get_upload_url')).toBe(1);
    await Promise.all(Array.from({ length: 4 }, (_, i) => save(`at once ${i}`)));
    expect(countOf('b2_get_upload_url')).toBe(4);
    await Promise.all(Array.from({ length: 4 }, (_, i) => save(`at once again ${i}`)));
    expect(countOf('b2_get_upload_url')).toBe(4);
    expect(countOf('b2_authorize_account')).toBe(0);
  });

  it('logs in again when its token has expired: once, for all who wait', async () => {
    const file = await save('before');
    server.state.expireTokens();
    server.state.calls.length = 0;
    await Promise.all([
      backend.load(file),
      backend.stat(file),
      backend.load(file, { offset: 1, length: 2 }),
      listed('index'),
      save('after'),
    ]);
    expect(countOf('b2_authorize_account')).toBe(1);
    expect(await listed('index')).toHaveLength(2);
  });

  it.each([
    [401, 'expired_auth_token'],
    [503, 'service_unavailable'],
    [408, 'request_timeout'],
  ])('takes another upload address after %i', async (status, code) => {
    await save('first');
    server.state.refuse('b2_upload_file', status, code);
    await save('second');
    expect(countOf('b2_get_upload_url')).toBe(2);
    expect(await listed('index')).toHaveLength(2);
  });

  it('gives up an upload after three addresses, and says that the store is busy', async () => {
    server.state.refuse('b2_upload_file', 503, 'service_unavailable', {
      times: 9,
      headers: { 'Retry-After': '7' },
    });
    await expect(save('never')).rejects.toMatchObject({
      code: 'store-busy',
      next: 'later',
      detail: { retryAfterMs: 7_000 },
    });
    expect(countOf('b2_upload_file')).toBe(3);
  });

  it.each([
    ['b2_upload_file', 403, 'cap_exceeded', 'no-space', 'later'],
    ['b2_upload_file', 403, 'storage_cap_exceeded', 'no-space', 'later'],
    ['b2_list_file_names', 403, 'transaction_cap_exceeded', 'store-busy', 'later'],
    ['b2_download_file_by_name', 403, 'download_cap_exceeded', 'store-busy', 'later'],
    ['b2_download_file_by_name', 401, 'unauthorized', 'login-refused', 'never'],
    ['b2_list_file_names', 429, 'too_many_requests', 'store-busy', 'later'],
    ['b2_list_file_names', 400, 'bad_bucket_id', 'repository-missing', 'never'],
    ['b2_upload_file', 500, 'internal_error', 'store-busy', 'later'],
  ])('says what %s means by %i %s', async (call, status, b2Code, code, next) => {
    const file = await save('here');
    server.state.refuse(call, status, b2Code, { times: 1 });
    const asked =
      call === 'b2_upload_file'
        ? save('more')
        : call === 'b2_list_file_names'
          ? listed('index')
          : backend.load(file);
    await expect(asked).rejects.toMatchObject({ code, next });
  });

  it('removes all versions of a file, and what hides it', async () => {
    const lock = await save('the same', 'lock');
    await save('the same', 'lock');
    expect(versions()).toHaveLength(2);
    await backend.remove(lock);
    expect(versions()).toEqual([]);
  });

  it('hides what its key may not delete, as restic does', async () => {
    server.state.capabilities = ['listBuckets', 'listFiles', 'readFiles', 'writeFiles'];
    await backend.close();
    backend = open(server);
    const lock = await save('hidden', 'lock');
    await backend.remove(lock);
    await backend.remove(lock);
    expect(await listed('lock')).toEqual([]);
    await expect(backend.stat(lock)).rejects.toMatchObject({ code: 'not-found' });
    expect(versions()).toHaveLength(2);
  });

  it('believes an upload by its own answer, and removes its own lock, while lists and downloads lag', async () => {
    Object.assign(server.state.lag, { listings: 2, downloads: 1 });
    const lock = await save('lagging', 'lock');
    await expect(backend.load(lock)).rejects.toMatchObject({ code: 'not-found' });
    expect(Buffer.from(await backend.load(lock)).toString()).toBe('lagging');
    expect(await listed('lock')).toEqual([]);
    await backend.remove(lock);
    Object.assign(server.state.lag, { listings: 0, downloads: 0 });
    for (let i = 0; i < 3; i++) expect(await listed('lock')).toEqual([]);
    expect(versions()).toEqual([]);
  });

  it('says that there is no repository where there is no bucket', async () => {
    await backend.close();
    backend = openB2('other-bucket', { ...testWorld(), access: accessOf(server) });
    await expect(save('nowhere')).rejects.toMatchObject({ code: 'repository-missing' });
    await expect(listed('index')).rejects.toMatchObject({ code: 'repository-missing' });
    await backend.create();
    expect(await listed('index')).toEqual([]);
    expect(server.state.buckets.get('other-bucket')?.type).toBe('allPrivate');
  });

  it('tells no secret when it is refused, and none where it is', async () => {
    await backend.close();
    backend = open(server, { B2_ACCOUNT_KEY: 'a-wrong-secret' });
    const refused: unknown = await backend.stat({ type: 'config', name: '' }).catch((error) => error);
    expect(refused).toMatchObject({ code: 'login-refused' });
    const shown = `${backend.location} ${String(refused)} ${JSON.stringify(refused)}`;
    expect(shown).not.toContain('wrong-secret');
    expect(shown).not.toContain(Buffer.from('a-wrong-secret').toString('base64').slice(0, 12));
    expect(backend.location).toBe('b2:some-bucket:some/where');
  });
});
