/** The stand-in's state and what a test turns on it: tokens, lag, refusals, what a key may do. */
import { hash } from 'node:crypto';
import { B2Refusal } from './b2-api.ts';
import type { B2Bucket, B2Lag, B2Version } from './b2-store.ts';

interface Refusing {
  readonly call: string;
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  left: number;
}

export class B2State {
  /** Where it listens. */
  base = '';
  readonly accountId = 'a1b2c3d4e5f6';
  readonly keyId: string;
  readonly key: string;
  /** Every call that came, in order. */
  readonly calls: string[] = [];
  readonly lag: B2Lag = { listings: 0, downloads: 0 };
  capabilities = ['listBuckets', 'writeBuckets', 'listFiles', 'readFiles', 'writeFiles', 'deleteFiles'];
  readonly buckets = new Map<string, B2Bucket>();
  readonly #refusing: Refusing[] = [];
  readonly #tokens = new Set<string>();
  /** Upload tokens, and the bucket that each is for. */
  readonly #uploadTokens = new Map<string, B2Bucket>();
  #counter = 0;

  constructor(login: { readonly keyId: string; readonly key: string }) {
    this.keyId = login.keyId;
    this.key = login.key;
  }

  /** The next `times` calls of that name are refused. */
  refuse(
    call: string,
    status: number,
    code: string,
    options: { times?: number; headers?: Readonly<Record<string, string>> } = {},
  ): void {
    this.#refusing.push({ call, status, code, left: options.times ?? 1, headers: options.headers ?? {} });
  }

  refuseIfTold(call: string): void {
    const told = this.#refusing.find((each) => each.call === call && each.left > 0);
    if (told === undefined) return;
    told.left--;
    throw new B2Refusal(told.status, told.code, 'as it was told', told.headers);
  }

  /** All tokens, those for uploads too. */
  expireTokens(): void {
    this.#tokens.clear();
    this.#uploadTokens.clear();
  }

  newToken(): string {
    const token = `4_${this.#next('token')}`;
    this.#tokens.add(token);
    return token;
  }

  newUploadToken(bucket: B2Bucket): string {
    const token = `4_${this.#next('upload')}`;
    this.#uploadTokens.set(token, bucket);
    return token;
  }

  authorise(token: string, capability: string | undefined): void {
    if (!this.#tokens.has(token)) throw new B2Refusal(401, 'expired_auth_token', 'authorise again');
    if (capability !== undefined && !this.capabilities.includes(capability))
      throw new B2Refusal(401, 'unauthorized', `the key lacks ${capability}`);
  }

  uploadBucket(token: string): B2Bucket {
    const bucket = this.#uploadTokens.get(token);
    if (bucket === undefined)
      throw new B2Refusal(401, 'expired_auth_token', 'ask for another upload address');
    return bucket;
  }

  bucketById(id: unknown): B2Bucket {
    for (const bucket of this.buckets.values()) if (bucket.bucketId === id) return bucket;
    throw new B2Refusal(400, 'bad_bucket_id', 'no such bucket');
  }

  byId(fileId: unknown): { bucket: B2Bucket; version: B2Version } {
    for (const bucket of this.buckets.values()) {
      const version = bucket.byId(String(fileId));
      if (version !== undefined) return { bucket, version };
    }
    throw new B2Refusal(404, 'file_not_present', 'no such file');
  }

  addVersion(
    bucket: B2Bucket,
    file: Pick<B2Version, 'fileName' | 'action' | 'content' | 'contentType' | 'info'>,
  ): B2Version {
    const version: B2Version = {
      ...file,
      fileId: `4_z${this.#next('file')}`,
      contentSha1: hash('sha1', file.content, 'hex'),
      uploadTimestamp: 1_714_979_289_000 + this.#counter,
    };
    bucket.add(version, this.lag);
    return version;
  }

  #next(purpose: string): string {
    return hash('sha1', `${purpose} ${this.#counter++}`, 'hex');
  }
}
