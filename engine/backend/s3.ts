/**
 * A repository in a bucket of an S3-compatible store. The store must show with each answer that it is one: an upload
 * counts only with an ETag that says what was stored, a listing only with the bucket's name.
 */
import { hash } from 'node:crypto';
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import {
  type Backend,
  type BackendWorld,
  type ByteRange,
  configFile,
  type FileName,
  type FileType,
  type StoreAccess,
  type StoredFile,
} from './backend.ts';
import { type CallSignal, stopIfAborted } from './call-signal.ts';
import { HttpClient } from './http/http-client.ts';
import { checkTaken, notTheStore } from './http/http-failures.ts';
import { proxiesFrom } from './http/proxy.ts';
import { trustFrom } from './http/trust.ts';
import { folderKey, keyOf, nameInKey } from './object-keys.ts';
import { parseS3Address, type S3Address, storageClassFor } from './s3/address.ts';
import { S3Calls, type S3Login } from './s3/calls.ts';
import { listObjects } from './s3/listing.ts';
import { sizeUnlessGone } from './size-unless-gone.ts';

/** `rest` is what follows `s3:`. Fails with `usage` for what is no such address, `login-refused` without a login. */
export function openS3(rest: string, { access }: BackendWorld): Backend {
  const address = parseS3Address(rest, access);
  const client = new HttpClient({ trust: trustFrom(access), proxy: proxiesFrom(access) });
  return new S3Backend(address, new S3Calls(address, loginFrom(access, address.host), client));
}

function loginFrom(access: StoreAccess, host: string): S3Login {
  const { AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = access;
  // Nobody's bucket is meant to be open to everybody; that a login was forgotten is far more likely.
  if (!keyId || !secret) {
    const why = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be given';
    throw new Failure('login-refused', { location: host, why });
  }
  return { keyId, secret: new Secret(secret), sessionToken: token ? new Secret(token) : undefined };
}

class S3Backend implements Backend {
  readonly connectionsMax = limits.objectStoreConnectionsMax;
  readonly listLagFloorMs = limits.lagFloorS3Ms;
  readonly location: string;
  readonly #address: S3Address;
  readonly #calls: S3Calls;

  constructor(address: S3Address, calls: S3Calls) {
    this.location = calls.location;
    this.#address = address;
    this.#calls = calls;
  }

  /** As restic: a bucket that is not there is made; one that we may not look at is taken to be there. */
  async create(signal?: CallSignal): Promise<void> {
    const { bucket } = this.#address;
    const call = { operation: 'create', signal } as const;
    try {
      await this.#calls.ask(call, (s3, options) => s3.headBucket({ Bucket: bucket }, options));
      return;
    } catch (error) {
      if (isFailure(error, 'login-refused') && error.detail.status === 403) return;
      if (!isFailure(error, 'not-found')) throw error;
    }
    try {
      await this.#calls.ask(call, (s3, options) => {
        const { region } = this.#calls;
        const where =
          region === 'us-east-1'
            ? {}
            : { CreateBucketConfiguration: { LocationConstraint: region as never } };
        return s3.createBucket({ Bucket: bucket, ...where }, options);
      });
    } catch (error) {
      if (!(isFailure(error) && error.detail.s3Code === 'BucketAlreadyOwnedByYou')) throw error;
    }
  }

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const md5 = hash('md5', body, 'buffer');
    const storageClass = storageClassFor(this.#address, file.type);
    const stored = await this.#calls.ask({ operation: 'write', file, signal }, (s3, options) =>
      s3.putObject(
        {
          ...this.#object(file),
          Body: body,
          ContentLength: body.length,
          ContentMD5: md5.toString('base64'),
          ContentType: 'application/octet-stream',
          ...(storageClass === undefined ? {} : { StorageClass: storageClass as never }),
        },
        options,
      ),
    );
    await this.#prove(file, stored.ETag, md5.toString('hex'), body.length, signal);
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    if (range?.length === 0) {
      if (range.offset > (await this.stat(file, signal))) throw tooShort(file, range);
      return Buffer.alloc(0);
    }
    const answerBytesMax = range?.length ?? limits.storedFileBytesMax;
    const end = range && range.offset + range.length - 1;
    return await this.#calls.ask({ operation: 'read', file, signal, answerBytesMax }, async (s3, options) => {
      const asked = range === undefined ? {} : { Range: `bytes=${range.offset}-${end}` };
      const answer = await s3.getObject({ ...this.#object(file), ...asked }, options);
      if (answer.ETag === undefined || answer.Body === undefined)
        throw notTheStore(this.#calls.host, 'it answers without an ETag');
      const bytes = await answer.Body.transformToByteArray();
      if (range === undefined) return bytes;
      const from = /^bytes (\d+)-/.exec(answer.ContentRange ?? '')?.[1];
      if (Number(from) !== range.offset)
        throw notTheStore(this.#calls.host, 'it gives another part of a file than we asked for');
      if (bytes.length < range.length) throw tooShort(file, range);
      return bytes;
    });
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    const { ETag: etag, ContentLength: sizeBytes } = await this.#calls.ask(
      { operation: 'read', file, signal },
      (s3, options) => s3.headObject(this.#object(file), options),
    );
    if (etag === undefined || sizeBytes === undefined)
      throw notTheStore(this.#calls.host, 'it answers without an ETag or a length');
    return sizeBytes;
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    try {
      const { $metadata } = await this.#calls.ask({ operation: 'remove', file, signal }, (s3, options) =>
        s3.deleteObject(this.#object(file), options),
      );
      if ($metadata.httpStatusCode !== 204)
        throw notTheStore(this.#calls.host, 'it does not say that a file is removed');
    } catch (error) {
      if (!isFailure(error, 'not-found')) throw error;
    }
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    const { bucket, prefix, listsV1: isV1 } = this.#address;
    if (type === 'config') {
      const sizeBytes = await sizeUnlessGone(this, configFile, signal);
      if (sizeBytes !== undefined) yield { name: '', sizeBytes };
      return;
    }
    const folder = folderKey(prefix, type);
    const seen = new Set<string>();
    for await (const { key, sizeBytes } of listObjects(this.#calls, { bucket, folder, isV1, signal })) {
      stopIfAborted(signal);
      const name = nameInKey(prefix, type, key);
      if (name === undefined || seen.has(name)) continue;
      seen.add(name);
      yield { name, sizeBytes };
    }
  }

  dropIdle(): void {
    this.#calls.dropIdle();
  }

  async close(): Promise<void> {
    await this.#calls.close();
  }

  #object(file: FileName): { Bucket: string; Key: string } {
    return { Bucket: this.#address.bucket, Key: keyOf(this.#address.prefix, file) };
  }

  /** The ETag is the MD5 of what was stored; where the store encrypts with keys of its own, it is something else. */
  async #prove(
    file: FileName,
    etag: string | undefined,
    md5: string,
    length: number,
    signal: CallSignal | undefined,
  ): Promise<void> {
    if (etag === undefined) throw notTheStore(this.#calls.host, 'it answers without an ETag');
    if (etag.replaceAll('"', '') === md5) return;
    checkTaken(file, length, await sizeUnlessGone(this, file, signal), this.#calls.host);
  }
}

function tooShort(file: FileName, { offset, length }: ByteRange): Failure {
  return damaged(file.type, file.name, `it is shorter than ${offset + length} bytes`);
}
