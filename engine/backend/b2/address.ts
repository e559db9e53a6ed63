/** Where a B2 repository is, as restic writes it: `b2:bucket:path/to/repo`, and where B2 itself is. Pure. */
import { posix } from 'node:path';
import { Failure } from '../../base/failure.ts';
import type { StoreAccess } from '../backend.ts';

export interface B2Address {
  readonly bucket: string;
  /** Without slashes around it; may be empty. */
  readonly prefix: string;
}

/** Fails with `usage` where `rest` (what follows `b2:`) cannot be understood. */
export function parseB2Address(rest: string): B2Address {
  const [bucket = '', ...path] = rest.split(':');
  if (!/^[a-zA-Z0-9-]{6,50}$/.test(bucket))
    throw new Failure('usage', {
      why: 'A B2 address is b2:bucket:path, with 6 to 50 letters, digits and dashes.',
    });
  return { bucket, prefix: posix.normalize(`/${path.join(':')}`).replace(/^\/|\/$/g, '') };
}

/**
 * Where to log in: Backblaze, unless `b2.endpoint` says otherwise. It has to be https; plain http does for a server
 * on this machine.
 */
export function endpointFrom(access: StoreAccess): URL {
  const told = access['b2.endpoint'];
  const url = URL.parse(told ? told : `https://${'api.backblazeb2.com'}`);
  if (url === null || !isSafe(url))
    throw new Failure('usage', { why: 'b2.endpoint must be an https address.' });
  return url;
}

/** Tokens are sent there. */
export function isSafe({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  );
}

/** A file's name in a header or an address: slashes stay. */
export function encodedName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
