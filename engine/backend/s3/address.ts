/**
 * Where an S3 repository is, as restic writes it: `s3:host/bucket/prefix` or `s3:http(s)://host:port/bucket/prefix`,
 * and the settings that restic takes with `-o` (`s3.region`, `s3.bucket-lookup` ...). Pure; used by `s3.ts`.
 */
import { posix } from 'node:path';
import { Failure } from '../../base/failure.ts';
import type { FileType, StoreAccess } from '../backend.ts';

export interface S3Address {
  readonly isSecure: boolean;
  /** With its port. */
  readonly host: string;
  readonly bucket: string;
  /** Without slashes around it; may be empty. */
  readonly prefix: string;
  /** Undefined: to be found out. */
  readonly region: string | undefined;
  /** The bucket stands in the path, not before the host's name. */
  readonly isPathStyle: boolean;
  readonly storageClass: string | undefined;
  /** For old servers that know the first kind of listing only. */
  readonly listsV1: boolean;
}

/** Hosts that want the bucket in their name, as in restic's `auto`. */
const virtualHosts = /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|storage\.googleapis\.com|aliyuncs\.com)$/;
const amazonHost = /^s3[.-](?:dualstack\.)?(?:([a-z]{2}(?:-[a-z]+)+-\d)\.)?amazonaws\.com(\.cn)?$/;
/** Stores that name the region in their host: Backblaze, Wasabi, Scaleway, OVH, DigitalOcean ... */
const regionInHost =
  /^(?:s3\.)([a-z]{2}(?:-[a-z]+)+-\d{1,3}|[a-z]{2}-[a-z]{3}|[a-z]{2,6})\.[a-z0-9-]+\.[a-z.]+$/;

const bucketPattern = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/;
const hostPattern = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/;

/** Fails with `usage` where `rest` (what follows `s3:`) or a setting cannot be understood. */
export function parseS3Address(rest: string, access: StoreAccess): S3Address {
  const [, scheme, place = ''] = /^(?:(https?:)?\/\/)?(.*)$/s.exec(rest) ?? [];
  const [host = '', bucket = '', ...path] = place.split('/');
  // What stands before an @ is a secret, perhaps: it must not be shown.
  if (!hostPattern.test(host) || !bucketPattern.test(bucket))
    throw new Failure('usage', {
      why: 'An S3 address is s3:HOST/BUCKET/PREFIX, perhaps with https:// or http:// before the host.',
    });
  const prefix = posix.normalize(`/${path.join('/')}`).replace(/^\/|\/$/g, '');
  const isVirtual = virtualHosts.test(host) && !bucket.includes('.');
  const lookup = setting(access, 's3.bucket-lookup', /^(?:auto|dns|path)$/i)?.toLowerCase() ?? 'auto';
  return {
    isSecure: scheme !== 'http:',
    host: host.toLowerCase(),
    bucket,
    prefix,
    region:
      setting(access, 's3.region', regionPattern) ??
      setting(access, 'AWS_DEFAULT_REGION', regionPattern) ??
      setting(access, 'AWS_REGION', regionPattern) ??
      amazonHost.exec(host)?.[1] ??
      regionInHost.exec(host)?.[1],
    isPathStyle: lookup === 'path' || (lookup === 'auto' && !isVirtual),
    storageClass: setting(access, 's3.storage-class', /^[A-Z_]{1,40}$/),
    listsV1: setting(access, 's3.list-objects-v1', /^(?:true|false)$/) === 'true',
  };
}

export const regionPattern = /^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}$/;

function setting(access: StoreAccess, name: string, pattern: RegExp): string | undefined {
  const value = access[name];
  if (value === undefined || value === '') return undefined;
  if (!pattern.test(value)) throw new Failure('usage', { why: `${name} cannot be understood.` });
  return value;
}

/** The address for requests of a region. Amazon's hosts are one for each region. */
export function endpointOf({ isSecure, host }: S3Address, region: string): string {
  const [, , china] = amazonHost.exec(host) ?? [];
  const isPlainAmazon = amazonHost.test(host) && !host.includes('dualstack');
  const place = isPlainAmazon ? `s3.${region}.amazonaws.com${china ?? ''}` : host;
  return `${isSecure ? 'https' : 'http'}://${place}`;
}

export function locationOf({ isSecure, host, bucket, prefix }: S3Address): string {
  return `s3:${isSecure ? 'https' : 'http'}://${[host, bucket, prefix].filter((part) => part !== '').join('/')}`;
}

/** Packs of a storage class that must be thawed first may be anywhere; everything else must be read at once. */
export function storageClassFor({ storageClass }: S3Address, type: FileType): string | undefined {
  const isArchive = storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE';
  return isArchive && type !== 'pack' ? undefined : storageClass;
}
