import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend, FileName, StoreAccess } from '../../engine/backend/backend.ts';
import { openS3 } from '../../engine/backend/s3.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { describeWithSwift, type S3Server, startSwift } from '../support/swift/swift-server.ts';
import { testWorld } from '../support/test-repository.ts';

describeWithSwift('a bucket of S3, in OpenStack Swift', () => {
  let server: S3Server;
  let places = 0;

  beforeAll(async () => {
    server = await startSwift({ region: 'moon-base-1' });
  });
  afterAll(() => server.stop());

  // The region is found out each time.
  const open = (path: string, access: StoreAccess = {}): Backend =>
    openS3(`http://${server.host}/${path}`, { ...testWorld(), access: { ...server.access, ...access } });
  const save = async (backend: Backend, content: string): Promise<FileName> => {
    const file: FileName = { type: 'pack', name: hash('sha256', content, 'hex') };
    await backend.save(file, [Buffer.from(content)]);
    return file;
  };
  const listed = async (backend: Backend): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of backend.list('pack')) names.push(name);
    return names;
  };

  backendContract(
    'a bucket of S3',
    async () => ({ backend: open(`vault-${places++}/some/where`), remove: async () => undefined }),
    { filesInLongList: 250 },
  );

  it('goes from page to page with the first kind of listing too', async () => {
    const backend = open('old-listing', { 's3.list-objects-v1': 'true' });
    await backend.create();
    const contents = Array.from({ length: 120 }, (_, i) => `content ${i}`);
    for (let at = 0; at < contents.length; at += 10)
      await Promise.all(contents.slice(at, at + 10).map((content) => save(backend, content)));
    const names = contents.map((content) => hash('sha256', content, 'hex')).sort();
    expect(await listed(backend)).toEqual(names);
    await backend.close();
  });

  it('keeps what belongs to different prefixes of a bucket apart', async () => {
    const [all, one, two] = ['', '/one', '/one/two'].map((path) => open(`shared-bucket${path}`));
    await all!.create();
    const files = await Promise.all([all!, one!, two!].map((each, at) => save(each, `of ${at}`)));
    for (const [at, each] of [all!, one!, two!].entries()) {
      expect(await listed(each)).toEqual([files[at]!.name]);
      await each.close();
    }
  });

  it('says that there is no repository where there is no bucket', async () => {
    const backend = open('no-such-bucket');
    await expect(save(backend, 'nowhere')).rejects.toMatchObject({ code: 'repository-missing' });
    await expect(listed(backend)).rejects.toMatchObject({ code: 'repository-missing' });
    await backend.close();
  });

  it('tells no secret when it is refused', async () => {
    const backend = open('some-bucket', { AWS_SECRET_ACCESS_KEY: 'a-wrong-secret' });
    const refused: unknown = await save(backend, 'refused').catch((error) => error);
    expect(refused).toMatchObject({ code: 'login-refused' });
    expect(`${backend.location} ${String(refused)} ${JSON.stringify(refused)}`).not.toContain('wrong-secret');
    await backend.close();
  });

  it('wants a login, and says so', () => {
    for (const missing of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      expect(() => open('some-bucket', { [missing]: '' })).toThrowError(
        expect.objectContaining({ code: 'login-refused' }),
      );
    }
  });
});
