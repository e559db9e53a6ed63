import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { systemCallsAvailable } from '../../engine/system/libc.ts';
import {
  getAttribute,
  listAttributes,
  readAttributes,
  removeAttribute,
  setAttribute,
} from '../../engine/system/xattr.ts';

const folder = mkdtempSync(join(tmpdir(), 'slackwater-xattr-'));
const file = fromText(join(folder, 'file'));
writeFileSync(file, '');
afterAll(() => rmSync(folder, { recursive: true }));

function supported(): boolean {
  if (!systemCallsAvailable()) return false;
  try {
    setAttribute(file, { name: fromText('user.probe'), value: new Uint8Array() });
    removeAttribute(file, fromText('user.probe'));
    return true;
  } catch {
    return false;
  }
}

const asRoot = process.geteuid?.() === 0;

describe.skipIf(!supported())('extended attributes', () => {
  it('come back as any bytes, in the order of the system', () => {
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    setAttribute(file, { name: fromText('user.z'), value });
    setAttribute(file, { name: fromLatin1('user.\xff\x01'), value: new Uint8Array() });
    setAttribute(file, { name: fromText('user.a'), value: Buffer.alloc(2000, 7) });
    const { attributes, errors } = readAttributes(file);
    expect(errors).toEqual([]);
    expect(attributes.map(({ name }) => name)).toEqual(listAttributes(file));
    expect(new Map(attributes.map(({ name, value }) => [name, Buffer.from(value).toString('hex')]))).toEqual(
      new Map([
        ['user.z', Buffer.from(value).toString('hex')],
        ['user.\xff\x01', ''],
        ['user.a', '07'.repeat(2000)],
      ]),
    );
  });

  it('are gone when removed, and removing them twice is no error', () => {
    const name = fromText('user.gone');
    setAttribute(file, { name, value: Buffer.from('x') });
    removeAttribute(file, name);
    removeAttribute(file, name);
    expect(getAttribute(file, name)).toBeUndefined();
  });

  it('of a symlink are its own, unless followed', () => {
    const link = fromText(join(folder, 'link'));
    symlinkSync('file', link);
    setAttribute(file, { name: fromText('user.of-file'), value: Buffer.from('f') });
    expect(listAttributes(link)).toEqual([]);
    expect(listAttributes(link, { follow: true })).toContain('user.of-file');
    if (!asRoot) return;
    setAttribute(link, { name: fromText('trusted.of-link'), value: Buffer.from('l') });
    expect(listAttributes(link)).toEqual(['trusted.of-link']);
    expect(listAttributes(file)).not.toContain('trusted.of-link');
  });

  it('that cannot be read are errors with a code, not thrown', () => {
    const { attributes, errors } = readAttributes(fromText(join(folder, 'missing')));
    expect(attributes).toEqual([]);
    expect(errors.map(({ error }) => [error.code, error.syscall])).toEqual([['ENOENT', 'listxattr']]);
  });

  it('with a name or path that hides a zero byte are refused', () => {
    const attribute = { name: fromLatin1('user.a\0b'), value: new Uint8Array() };
    expect(() => setAttribute(file, attribute)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(() => listAttributes(fromLatin1(`${file}\0x`))).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    );
  });

  it('where there are none are an empty list', () => {
    expect(readAttributes(fromText('/proc/self/status'))).toEqual({ attributes: [], errors: [] });
  });
});
