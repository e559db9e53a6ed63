import { describe, expect, it } from 'vitest';
import type { StoreAccess } from '../../../engine/backend/backend.ts';
import {
  endpointOf,
  locationOf,
  parseS3Address,
  storageClassFor,
} from '../../../engine/backend/s3/address.ts';

const parse = (rest: string, access: StoreAccess = {}) => parseS3Address(rest, access);

describe('addresses of S3 as restic writes them', () => {
  it.each([
    ['store.example/bucket/prefix', 's3:https://store.example/bucket/prefix'],
    ['store.example/bucket', 's3:https://store.example/bucket'],
    ['https://store.example:9000/bucket/a/b', 's3:https://store.example:9000/bucket/a/b'],
    ['http://127.0.0.1:9000/bucket', 's3:http://127.0.0.1:9000/bucket'],
    ['//store.example/bucket/', 's3:https://store.example/bucket'],
    ['Store.example/bucket//a/./b/../c/', 's3:https://store.example/bucket/a/c'],
    ['store.example/bucket/../../up', 's3:https://store.example/bucket/up'],
  ])('%s', (rest, location) => {
    expect(locationOf(parse(rest))).toBe(location);
  });

  it.each([
    '',
    'host',
    'host/',
    '/bucket',
    'key:secret@store.example/bucket',
    'ho st/bucket',
    'host/b',
    'ftp://host/bucket',
  ])('refuses "%s", and shows nothing of it', (rest) => {
    expect(() => parse(rest)).toThrowError(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('secret') }),
    );
  });

  it.each([
    ['s3.amazonaws.com/bucket', {}, undefined],
    ['s3.eu-central-1.amazonaws.com/bucket', {}, 'eu-central-1'],
    ['s3-us-west-2.amazonaws.com/bucket', {}, 'us-west-2'],
    ['s3.us-west-004.backblazeb2.com/bucket', {}, 'us-west-004'],
    ['s3.eu-central-2.wasabisys.com/bucket', {}, 'eu-central-2'],
    ['s3.fr-par.scw.cloud/bucket', {}, 'fr-par'],
    ['localhost:9000/bucket', {}, undefined],
    ['localhost:9000/bucket', { AWS_DEFAULT_REGION: 'my-region' }, 'my-region'],
    ['s3.amazonaws.com/bucket', { AWS_DEFAULT_REGION: 'no', 's3.region': 'yes' }, 'yes'],
  ])('the region of %s with %j is %s', (rest, access, region) => {
    expect(parse(rest, access).region).toBe(region);
  });

  it('puts the bucket into the name of hosts that want it there, and into the path of others', () => {
    expect(parse('s3.amazonaws.com/bucket').isPathStyle).toBe(false);
    expect(parse('s3.amazonaws.com/my.bucket').isPathStyle).toBe(true);
    expect(parse('storage.googleapis.com/bucket').isPathStyle).toBe(false);
    expect(parse('minio.example/bucket').isPathStyle).toBe(true);
    expect(parse('minio.example/bucket', { 's3.bucket-lookup': 'dns' }).isPathStyle).toBe(false);
    expect(parse('s3.amazonaws.com/bucket', { 's3.bucket-lookup': 'path' }).isPathStyle).toBe(true);
  });

  it('asks each of Amazon’s regions at its own host, and everybody else where he is', () => {
    const endpoint = (rest: string): string => endpointOf(parse(rest), 'eu-west-1');
    expect(endpoint('s3.amazonaws.com/bucket')).toBe(`https://${'s3.eu-west-1.amazonaws.com'}`);
    expect(endpoint('s3.cn-north-1.amazonaws.com.cn/bucket')).toBe(
      `https://${'s3.eu-west-1.amazonaws.com.cn'}`,
    );
    expect(endpoint('http://minio.example:9000/bucket')).toBe('http://minio.example:9000');
  });

  it('puts only packs into a class that must be thawed before it is read', () => {
    const glacier = parse('host/bucket', { 's3.storage-class': 'GLACIER' });
    expect(storageClassFor(glacier, 'pack')).toBe('GLACIER');
    expect(storageClassFor(glacier, 'index')).toBeUndefined();
    const rare = parse('host/bucket', { 's3.storage-class': 'STANDARD_IA' });
    expect(storageClassFor(rare, 'index')).toBe('STANDARD_IA');
    expect(() => parse('host/bucket', { 's3.storage-class': 'odd class' })).toThrowError(/s3.storage-class/);
  });
});
