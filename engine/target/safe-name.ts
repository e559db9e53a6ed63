/**
 * Names that come from a repository are not trusted: a name may stand for exactly one entry of one folder and
 * nothing else. Every name passes here before anything below a target is touched.
 */
import { type ByteString, fromLatin1, toText } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';

/** Where below the target: names from its top down; none stand for the target itself. */
export type TargetPath = readonly ByteString[];

/** Names that Windows keeps for devices, whatever follows a dot. */
const reservedOnWindows =
  /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\xb9\xb2\xb3]|lpt[0-9\xb9\xb2\xb3])\s*(\.|$)/i;
const refusedOnWindows = /[\x00-\x1f<>:"/\\|?*]|[. ]$/;

/** Fails with `target-unsafe`. */
export function checkName(name: ByteString, platform: NodeJS.Platform = process.platform): void {
  const why = whyRefused(name, platform);
  if (why !== undefined) throw unsafe(name, why);
}

/** The path of an entry of a folder. Fails as `checkName` does. */
export function entryIn(folder: ByteString, name: ByteString): ByteString {
  checkName(name);
  return fromLatin1(`${folder}/${name}`);
}

function whyRefused(name: ByteString, platform: NodeJS.Platform): string | undefined {
  if (name === '') return 'the name is empty';
  if (name === '.' || name === '..') return 'the name leads to another folder';
  if (name.includes('/')) return 'the name contains a separator';
  if (name.includes('\0')) return 'the name contains a zero byte';
  if (name.length > limits.nameBytesMax) return 'the name is too long';
  if (platform !== 'win32') return undefined;
  if (refusedOnWindows.test(name)) return 'Windows does not allow this name';
  if (reservedOnWindows.test(name)) return 'Windows keeps this name for a device';
  return undefined;
}

export function unsafe(name: ByteString, why: string, cause?: unknown): Failure {
  return new Failure('target-unsafe', { path: shownName(name), why }, { cause });
}

/** A name or path as a person may see it: invalid bytes and everything that steers a terminal replaced. */
export function shownName(name: ByteString): string {
  return toText(name)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
    .slice(0, 4 * limits.nameBytesMax);
}

export function shownPath(path: TargetPath): string {
  return path.map(shownName).join('/');
}
