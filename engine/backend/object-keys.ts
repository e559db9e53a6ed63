/**
 * Names of files in a store that knows no folders, in restic's default layout. Used by the backends of object stores;
 * `prefix` is without slashes around it and may be empty.
 */
import { type FileName, type FileType, fileNamePattern, folderOf } from './backend.ts';

/** The folder that holds a type, with its slash. */
export function folderKey(prefix: string, type: Exclude<FileType, 'config'>): string {
  return `${prefix === '' ? '' : `${prefix}/`}${folderOf[type]}/`;
}

/** restic's default layout: packs lie in folders by the first two digits of their name. */
export function keyOf(prefix: string, { type, name }: FileName): string {
  if (type === 'config') return prefix === '' ? 'config' : `${prefix}/config`;
  const folder = folderKey(prefix, type);
  return type === 'pack' ? `${folder}${name.slice(0, 2)}/${name}` : `${folder}${name}`;
}

/** The name of a type's file that lies where it belongs; undefined for any other key. */
export function nameInKey(
  prefix: string,
  type: Exclude<FileType, 'config'>,
  key: string,
): string | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return fileNamePattern.test(name) && key === keyOf(prefix, { type, name }) ? name : undefined;
}
