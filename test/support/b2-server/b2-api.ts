/** B2's calls that take and give JSON, as far as restic, rclone and we make them. */
import type { B2State } from './b2-state.ts';
import { B2Bucket, type B2Version } from './b2-store.ts';

export interface B2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** An answer that refuses; B2 writes it as JSON with these three fields. */
export class B2Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

type Asked = Readonly<Record<string, unknown>>;
type Perform = (state: B2State, asked: Asked, authorization: string, url: URL) => unknown;

const mebi = 1024 * 1024;
const filesMax = 10_000;

export const apiCalls: Readonly<Record<string, Perform>> = {
  b2_authorize_account: (state, _asked, authorization, url) => {
    const login = Buffer.from(`${state.keyId}:${state.key}`).toString('base64');
    if (authorization !== `Basic ${login}`) throw new B2Refusal(401, 'unauthorized', 'wrong key');
    const storage = {
      apiUrl: state.base,
      downloadUrl: state.base,
      s3ApiUrl: state.base,
      recommendedPartSize: 100 * mebi,
      absoluteMinimumPartSize: 5 * mebi,
    };
    const answer = { accountId: state.accountId, authorizationToken: state.newToken() };
    const allowed = { capabilities: state.capabilities, bucketId: null, bucketName: null, namePrefix: null };
    // The first versions had all of it in one.
    if (/^\/b2api\/v[12]\//.test(url.pathname)) return { ...answer, ...storage, allowed };
    const v4 = { ...storage, storageApi: 'storageApi', allowed: { capabilities: state.capabilities } };
    const isV4 = url.pathname.startsWith('/b2api/v4/');
    return { ...answer, apiInfo: { storageApi: isV4 ? v4 : { ...storage, ...allowed } } };
  },

  b2_list_buckets: authorised('listBuckets', (state, { bucketName, bucketId }) => ({
    buckets: [...state.buckets.values()]
      .filter((bucket) => bucketName === undefined || bucket.name === bucketName)
      .filter((bucket) => bucketId === undefined || bucket.bucketId === bucketId)
      .map((bucket) => bucketJson(state, bucket)),
  })),

  b2_create_bucket: authorised('writeBuckets', (state, { bucketName, bucketType }) => {
    const name = String(bucketName);
    if (!/^[a-zA-Z0-9-]{6,50}$/.test(name)) throw new B2Refusal(400, 'bad_request', 'bad name');
    if (state.buckets.has(name)) throw new B2Refusal(400, 'duplicate_bucket_name', 'taken');
    const bucket = new B2Bucket(name, String(bucketType));
    state.buckets.set(name, bucket);
    return bucketJson(state, bucket);
  }),

  b2_get_upload_url: authorised('writeFiles', (state, { bucketId }) => {
    const bucket = state.bucketById(bucketId);
    const uploadUrl = `${state.base}/b2api/v3/b2_upload_file/${bucket.bucketId}`;
    return { bucketId, uploadUrl, authorizationToken: state.newUploadToken(bucket) };
  }),

  b2_list_file_names: authorised('listFiles', (state, asked) => {
    const { prefix, count, start } = pageOf(asked);
    const delimiter = typeof asked.delimiter === 'string' ? asked.delimiter : undefined;
    const names = state
      .bucketById(asked.bucketId)
      .names(prefix, delimiter)
      .filter(({ fileName }) => fileName >= start);
    const files = names
      .slice(0, count)
      .map(({ fileName, version }) =>
        version === undefined ? { fileName, action: 'folder', contentLength: 0 } : fileJson(state, version),
      );
    return { files, nextFileName: names[count]?.fileName ?? null };
  }),

  b2_list_file_versions: authorised('listFiles', (state, asked) => {
    const { prefix, count, start } = pageOf(asked);
    const all = state.bucketById(asked.bucketId).versions(prefix);
    const from = all.findIndex(
      ({ fileName, fileId }) =>
        fileName > start || (fileName === start && (!asked.startFileId || asked.startFileId === fileId)),
    );
    const rest = from < 0 ? [] : all.slice(from);
    const next = rest[count];
    const files = rest.slice(0, count).map((version) => fileJson(state, version));
    return { files, nextFileName: next?.fileName ?? null, nextFileId: next?.fileId ?? null };
  }),

  b2_get_file_info: authorised('readFiles', (state, { fileId }) =>
    fileJson(state, state.byId(fileId).version),
  ),

  b2_delete_file_version: authorised('deleteFiles', (state, { fileName, fileId }) => {
    const { bucket } = state.byId(fileId);
    if (!bucket.delete(String(fileName), String(fileId)))
      throw new B2Refusal(400, 'file_not_present', 'another name');
    return { fileName, fileId };
  }),

  b2_hide_file: authorised('writeFiles', (state, { bucketId, fileName }) => {
    const bucket = state.bucketById(bucketId);
    const newest = bucket.versions(String(fileName)).find((version) => version.fileName === fileName);
    if (newest === undefined) throw new B2Refusal(400, 'no_such_file', 'nothing to hide');
    if (newest.action === 'hide') throw new B2Refusal(400, 'already_hidden', 'hidden already');
    const content = { content: Buffer.alloc(0), contentType: 'application/x-bz-hide-marker', info: {} };
    const marker = state.addVersion(bucket, { fileName: String(fileName), action: 'hide', ...content });
    return fileJson(state, marker);
  }),
};

function authorised(capability: string, perform: Perform): Perform {
  return (state, asked, authorization, url) => {
    state.authorise(authorization, capability);
    return perform(state, asked, authorization, url);
  };
}

function pageOf(asked: Asked): { prefix: string; count: number; start: string } {
  const { prefix = '', maxFileCount = 100, startFileName } = asked;
  const start = typeof startFileName === 'string' ? startFileName : '';
  return { prefix: String(prefix), count: Math.min(Number(maxFileCount), filesMax), start };
}

export function bucketJson(state: B2State, bucket: B2Bucket): Record<string, unknown> {
  const { bucketId, name: bucketName, type: bucketType } = bucket;
  const rest = { bucketInfo: {}, corsRules: [], lifecycleRules: [], options: [], revision: 1 };
  return { accountId: state.accountId, bucketId, bucketName, bucketType, ...rest };
}

export function fileJson(state: B2State, version: B2Version): Record<string, unknown> {
  const { content, info, action, ...rest } = version;
  const isHide = action === 'hide';
  return {
    ...rest,
    accountId: state.accountId,
    bucketId: '',
    action,
    contentLength: content.length,
    // Its older name, which rclone goes by.
    size: content.length,
    contentSha1: isHide ? null : version.contentSha1,
    fileInfo: info,
  };
}
