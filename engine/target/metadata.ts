/**
 * Gives a restored entry what its node says about it: owner, extended attributes, times and, last, since it may
 * take our own right to write, its permissions. One step that fails does not keep the others from being tried.
 */
import { chmodSync, chownSync, fchmodSync, lchownSync } from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';
import { systemCode } from '../base/failure.ts';
import { systemCalls } from '../system/libc.ts';
import { setTimes } from '../system/times.ts';
import { type ExtendedAttribute, listAttributes, removeAttribute, setAttribute } from '../system/xattr.ts';
import type { HeldEntry } from './folder-handles.ts';

export interface EntryMetadata {
  /** The lower twelve bits of `st_mode`. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  /** All that the entry shall have: others are removed from it. */
  readonly extendedAttributes: readonly ExtendedAttribute[];
}

export interface MetadataRules {
  /** Whether setuid, setgid and sticky bits and file capabilities are given, or left out as dangerous. */
  readonly setIdBits: boolean;
}

export interface MetadataProblem {
  readonly step: 'owner' | 'attributes' | 'times' | 'permissions';
  readonly error: unknown;
  /** Nothing to complain about: without the rights of root, or on this file system, it cannot be otherwise. */
  readonly expected: boolean;
}

/** Loads now what is called below, and not with the first entry. */
export function loadSystemCalls(): void {
  systemCalls();
}

const plainBits = 0o777;
const setIds = 0o6000;
const capabilities = 'security.capability';
/** Given by the system to each new entry, and not to be taken away. */
const systemLabel = 'security.selinux';

export function applyMetadata(
  { path, follow, descriptor, stat }: HeldEntry,
  metadata: EntryMetadata,
  { setIdBits }: MetadataRules,
): MetadataProblem[] {
  const problems: MetadataProblem[] = [];
  const attempt = (step: MetadataProblem['step'], act: () => void, name = ''): void => {
    try {
      act();
    } catch (error) {
      problems.push({ step, error, expected: isExpected(error, name) });
    }
  };
  const bytes = (): Buffer => Buffer.from(path, 'latin1');
  const isOwn = stat.uid === metadata.uid && stat.gid === metadata.gid;
  if (process.platform !== 'win32' && !isOwn)
    attempt('owner', () => (follow ? chownSync : lchownSync)(bytes(), metadata.uid, metadata.gid));
  const isOwned = problems.length === 0;
  const wanted = metadata.extendedAttributes.filter(({ name }) => setIdBits || name !== capabilities);
  for (const attribute of wanted)
    attempt('attributes', () => setAttribute(path, attribute, { follow }), attribute.name);
  attempt('attributes', () => {
    for (const name of namesBeyond(wanted, listAttributes(path, { follow, descriptor })))
      attempt('attributes', () => removeAttribute(path, name, { follow }));
  });
  attempt('times', () => setTimes(path, metadata.atimeNs, metadata.mtimeNs, { follow, descriptor }));
  // A symlink has no permissions of its own, and without a handle this call would follow it.
  const permissions = permissionsFor(metadata.permissions, setIdBits, isOwned);
  if (descriptor !== undefined) attempt('permissions', () => fchmodSync(descriptor, permissions));
  else if (stat.kind !== 'symlink') attempt('permissions', () => chmodSync(bytes(), permissions));
  return problems;
}

/** A file that could not be given its owner is ours: set-id bits would lend out our rights in place of theirs. */
function permissionsFor(permissions: number, setIdBits: boolean, isOwned: boolean): number {
  if (!setIdBits) return permissions & plainBits;
  return isOwned ? permissions : permissions & ~setIds;
}

function namesBeyond(
  wanted: readonly ExtendedAttribute[],
  found: readonly ByteString[],
): readonly ByteString[] {
  if (found.length === 0) return found;
  const names = new Set(wanted.map(({ name }) => name));
  return found.filter((name) => !names.has(name) && name !== systemLabel);
}

/** `attribute`: which one it was about, if any. Those of users need no rights but to write to the file. */
function isExpected(error: unknown, attribute: string): boolean {
  const code = systemCode(error);
  if (code === 'ENOTSUP' || code === 'EOPNOTSUPP') return true;
  if (process.geteuid?.() === 0) return false;
  return code === 'EPERM' || (code === 'EACCES' && !attribute.startsWith('user.'));
}
