/**
 * All objects of a folder, page by page: with the second kind of listing, or with the first where the store knows
 * only that. Ends for sure: a page that leads nowhere new is refused.
 */
import type { ListObjectsCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { limits } from '../../base/limits.ts';
import type { CallSignal } from '../call-signal.ts';
import { notTheStore } from '../http/http-failures.ts';
import type { S3Calls } from './calls.ts';

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
}

export interface Listing {
  readonly bucket: string;
  /** Ends with a slash. */
  readonly folder: string;
  readonly isV1: boolean;
  readonly signal: CallSignal | undefined;
}

/** Where the next page begins. */
type From = { readonly token?: string; readonly marker?: string };

export async function* listObjects(calls: S3Calls, listing: Listing): AsyncGenerator<ListedObject> {
  const { bucket, folder, signal } = listing;
  let isV1 = listing.isV1;
  for (let from: From = {}; ; ) {
    const page = await calls.ask(
      { operation: 'list', signal, answerBytesMax: limits.listingBytesMax },
      (s3, options) =>
        isV1
          ? s3.listObjects({ Bucket: bucket, Prefix: folder, Marker: from.marker }, options)
          : s3.listObjectsV2({ Bucket: bucket, Prefix: folder, ContinuationToken: from.token }, options),
    );
    // A page of somebody else is an empty list to the SDK.
    if (page.Name !== bucket) throw notTheStore(calls.host, 'its list is not one of the bucket');
    const objects = objectsOf(page);
    yield* objects;
    if (page.IsTruncated !== true) return;
    const { NextContinuationToken: token } = page as ListObjectsV2CommandOutput;
    // A store of the first kind has answered in its own way: its pages go on behind a name.
    if (token === undefined) isV1 = true;
    const marker = isV1 ? objects.at(-1)?.key : undefined;
    const isNew = isV1 ? marker !== undefined && marker > (from.marker ?? '') : token !== from.token;
    if (!isNew) throw notTheStore(calls.host, 'its list does not end');
    from = { ...(token === undefined ? {} : { token }), ...(marker === undefined ? {} : { marker }) };
  }
}

function objectsOf({ Contents: contents }: Pick<ListObjectsCommandOutput, 'Contents'>): ListedObject[] {
  return (contents ?? []).flatMap(({ Key: key, Size: sizeBytes }) =>
    key === undefined || sizeBytes === undefined ? [] : [{ key, sizeBytes }],
  );
}
