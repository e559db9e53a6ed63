/** B2's calls that carry the bytes of a file: uploads to an address of their own, downloads by name or by id. */
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type B2Answer, B2Refusal, fileJson } from './b2-api.ts';
import type { B2State } from './b2-state.ts';
import type { B2Version } from './b2-store.ts';

const infoPrefix = 'x-bz-info-';

export function upload(state: B2State, request: IncomingMessage, url: URL, body: Buffer): B2Answer {
  const { headers } = request;
  const bucket = state.uploadBucket(headers.authorization ?? '');
  if (!url.pathname.endsWith(`/${bucket.bucketId}`))
    throw new B2Refusal(400, 'bad_request', 'another bucket');
  const fileName = decodeURIComponent(String(headers['x-bz-file-name'] ?? ''));
  if (fileName === '' || fileName.startsWith('/')) throw new B2Refusal(400, 'bad_request', 'bad file name');
  const told = String(headers['x-bz-content-sha1'] ?? '');
  // The hash may also follow the content, as rclone sends it.
  const isAtEnd = told === 'hex_digits_at_end';
  const content = isAtEnd ? body.subarray(0, -40) : body;
  const sha1 = isAtEnd ? body.subarray(-40).toString('latin1') : told;
  if (sha1 !== hash('sha1', content, 'hex'))
    throw new B2Refusal(400, 'bad_request', 'Sha1 did not match data received');
  const version = state.addVersion(bucket, {
    fileName,
    action: 'upload',
    content: Buffer.from(content),
    contentType: String(headers['content-type'] ?? 'application/octet-stream'),
    info: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name.startsWith(infoPrefix))
        .map(([name, value]) => [name.slice(infoPrefix.length), decodeURIComponent(String(value))]),
    ),
  });
  const json = JSON.stringify(fileJson(state, version));
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: json };
}

export function download(state: B2State, request: IncomingMessage, url: URL, call: string): B2Answer {
  state.authorise(request.headers.authorization ?? '', 'readFiles');
  const version =
    call === 'b2_download_file_by_id'
      ? state.byId(url.searchParams.get('fileId')).version
      : byName(state, url.pathname);
  const size = version.content.length;
  const headers: Record<string, string> = {
    'Content-Type': version.contentType,
    'X-Bz-File-Id': version.fileId,
    'X-Bz-File-Name': encodeURIComponent(version.fileName),
    'X-Bz-Content-Sha1': version.contentSha1,
    'X-Bz-Upload-Timestamp': String(version.uploadTimestamp),
    'Accept-Ranges': 'bytes',
  };
  for (const [name, value] of Object.entries(version.info))
    headers[infoPrefix + name] = encodeURIComponent(value);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (first === undefined) return { status: 200, headers, body: version.content };
  const from = Number(first);
  if (from >= size) throw new B2Refusal(416, 'range_not_satisfiable', 'behind the end');
  const end = last === '' || last === undefined ? size - 1 : Math.min(Number(last), size - 1);
  headers['Content-Range'] = `bytes ${from}-${end}/${size}`;
  return { status: 206, headers, body: version.content.subarray(from, end + 1) };
}

function byName(state: B2State, path: string): B2Version {
  const [, bucketName = '', file = ''] = /^\/file\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const version = state.buckets.get(bucketName)?.download(decodeURIComponent(file.replaceAll('+', ' ')));
  if (version === undefined) throw new B2Refusal(404, 'not_found', 'no such file');
  return version;
}
