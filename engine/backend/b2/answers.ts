/** What B2's calls answer, as far as we use it. An answer of another shape comes from somebody else. */
import * as v from 'valibot';
import { notTheStore } from '../http/http-failures.ts';
import type { HttpAnswer } from '../http/http-request.ts';
import { isSafe } from './address.ts';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2_000));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const address = v.pipe(
  text,
  v.check((told) => {
    const url = URL.parse(told);
    return url !== null && isSafe(url);
  }),
  v.transform((told) => new URL(told)),
);
const token = v.pipe(text, v.regex(/^[\x21-\x7e]+$/));

export const authorized = v.object({
  accountId: text,
  authorizationToken: token,
  apiInfo: v.object({
    storageApi: v.object({
      apiUrl: address,
      downloadUrl: address,
      capabilities: v.array(text),
      bucketId: v.nullish(text),
      bucketName: v.nullish(text),
    }),
  }),
});

export const bucket = v.object({ bucketId: text, bucketName: text });
export const buckets = v.object({ buckets: v.array(bucket) });
export const uploadAddress = v.object({ uploadUrl: address, authorizationToken: token });
export const uploaded = v.object({ fileId: text, fileName: text, contentLength: size, contentSha1: text });
export const deleted = v.object({ fileId: text });
export const hidden = v.object({ fileName: text });

const listedFile = v.object({ action: text, fileName: text, fileId: v.nullish(text), contentLength: size });
export const fileNames = v.object({ files: v.array(listedFile), nextFileName: v.nullish(text) });
export const fileVersions = v.object({
  files: v.array(listedFile),
  nextFileName: v.nullish(text),
  nextFileId: v.nullish(text),
});

export type Authorized = v.InferOutput<typeof authorized>;
export type UploadAddress = v.InferOutput<typeof uploadAddress>;

/** Fails with `not-the-store` for anything else. */
export function readAnswer<S extends v.GenericSchema>(
  schema: S,
  { body }: Pick<HttpAnswer, 'body'>,
  host: string,
): v.InferOutput<S> {
  const json = parsed(body);
  const read = v.safeParse(schema, json);
  if (!read.success) throw notTheStore(host, 'its answer is not of B2');
  return read.output;
}

/** The code of an answer that refuses, if it is one of B2. */
export function refusalCode({ body }: Pick<HttpAnswer, 'body'>): string | undefined {
  const read = v.safeParse(
    v.object({ code: v.pipe(v.string(), v.regex(/^[a-z0-9_]{1,60}$/)) }),
    parsed(body),
  );
  return read.success ? read.output.code : undefined;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
