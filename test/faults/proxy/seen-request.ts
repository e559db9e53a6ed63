/**
 * A request as the fault proxy understands it: what is done with which file of a repository, whether the store speaks
 * restic's REST protocol, S3 or B2. Plans of faults choose by it.
 */
import type { IncomingMessage } from 'node:http';

export type Operation = 'create' | 'save' | 'load' | 'stat' | 'list' | 'remove' | 'other';
export type StoredType = 'config' | 'key' | 'lock' | 'snapshot' | 'index' | 'pack';

export interface SeenRequest {
  /** From 1, over all connections. */
  readonly number: number;
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly type?: StoredType;
  /** 64 hex digits; empty for the config, and for what is about no one file. */
  readonly name: string;
  /** Of its body, as it announces. */
  readonly bytes: number;
}

const typeOf: Readonly<Record<string, StoredType>> = {
  keys: 'key',
  locks: 'lock',
  snapshots: 'snapshot',
  index: 'index',
  data: 'pack',
  config: 'config',
};

const operationOf: Readonly<Record<string, Operation>> = {
  POST: 'save',
  PUT: 'save',
  GET: 'load',
  HEAD: 'stat',
  DELETE: 'remove',
};

export function seeRequest(request: IncomingMessage, number: number, atMs: number): SeenRequest {
  const { method = '', headers } = request;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const bytes = Number(headers['content-length'] ?? 0);
  const known = { number, atMs, method, path: url.pathname, bytes };
  if (url.searchParams.get('create') === 'true') return { ...known, operation: 'create', name: '' };
  // B2 names a file in a header; S3 lists a bucket by a prefix.
  const place = String(headers['x-bz-file-name'] ?? url.searchParams.get('prefix') ?? url.pathname);
  const [, folder, name] =
    /(?:^|\/)(keys|locks|snapshots|index|data)\/(?:[0-9a-f]{2}\/)?([0-9a-f]{64})?$/.exec(place) ?? [];
  const type = typeOf[folder ?? ''];
  if (type !== undefined && name === undefined) return { ...known, operation: 'list', type, name: '' };
  const operation = operationOf[method] ?? 'other';
  if (type !== undefined) return { ...known, operation, type, name: name ?? '' };
  if (/(?:^|\/)config$/.test(place)) return { ...known, operation, type: 'config', name: '' };
  return { ...known, operation: 'other', name: '' };
}
