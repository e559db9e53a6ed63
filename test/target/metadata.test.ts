import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { readAttributes, setAttribute } from '../../engine/system/xattr.ts';
import { type FolderHandles, holdOpen, lookEachTime } from '../../engine/target/folder-handles.ts';
import { applyMetadata, type EntryMetadata } from '../../engine/target/metadata.ts';

const asRoot = process.geteuid?.() === 0;
const attribute = (name: string, value = 'v') => ({ name: fromText(name), value: Buffer.from(value) });
const metadata: EntryMetadata = {
  permissions: 0o6751,
  uid: 1234,
  gid: 4321,
  mtimeNs: 1_600_000_000_123_456_789n,
  atimeNs: 1_500_000_000_987_654_321n,
  extendedAttributes: [attribute('trusted.z'), attribute('trusted.a', '')],
};

const kindsOfHandles: [string, (root: ReturnType<typeof fromText>) => FolderHandles][] = [
  ['looks each time', lookEachTime],
];
if (process.platform === 'linux') kindsOfHandles.unshift(['holds folders open', holdOpen]);

describe.skipIf(!asRoot || process.platform !== 'linux').each(kindsOfHandles)(
  'with a folder that %s',
  (_h, open) => {
    let folder: string;
    let handles: FolderHandles;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'slackwater-metadata-'));
      handles = open(fromText(folder));
      writeFileSync(join(folder, 'victim'), 'x', { mode: 0o600 });
    });

    afterEach(() => {
      handles.close();
      rmSync(folder, { recursive: true });
    });

    const apply = (name: string, given: EntryMetadata, setIdBits: boolean) =>
      handles.withEntry([], fromText(name), (entry) => applyMetadata(entry, given, { setIdBits }));
    const attributesOf = (name: string) =>
      readAttributes(fromText(join(folder, name))).attributes.map(({ name }) => name);

    it.each(['file', 'dir'])('a %s gets all, and loses attributes that it shall not have', (kind) => {
      if (kind === 'dir') mkdirSync(join(folder, kind));
      else writeFileSync(join(folder, kind), '');
      setAttribute(fromText(join(folder, kind)), attribute('user.unlisted'));
      expect(apply(kind, metadata, true)).toEqual([]);
      const stat = lstatSync(join(folder, kind), { bigint: true });
      expect(stat).toMatchObject({
        uid: 1234n,
        gid: 4321n,
        mtimeNs: metadata.mtimeNs,
        atimeNs: metadata.atimeNs,
      });
      expect(Number(stat.mode) & 0o7777).toBe(0o6751);
      expect(attributesOf(kind).sort()).toEqual(['trusted.a', 'trusted.z']);
    });

    it('a symlink gets all but permissions, and what it leads to gets nothing', () => {
      symlinkSync('victim', join(folder, 'link'));
      const before = lstatSync(join(folder, 'victim'), { bigint: true });
      expect(apply('link', metadata, true)).toEqual([]);
      expect(lstatSync(join(folder, 'link'), { bigint: true })).toMatchObject({
        uid: 1234n,
        mtimeNs: metadata.mtimeNs,
      });
      expect(attributesOf('link').sort()).toEqual(['trusted.a', 'trusted.z']);
      expect(lstatSync(join(folder, 'victim'), { bigint: true })).toEqual(before);
    });

    it('set-id bits and capabilities are left out unless allowed', () => {
      const capability = { name: fromText('security.capability'), value: Buffer.alloc(20) };
      capability.value.writeUInt32LE(0x02000001, 0);
      capability.value.writeUInt32LE(0x400, 4);
      const given = { ...metadata, permissions: 0o7755, extendedAttributes: [capability] };
      expect(apply('victim', given, false)).toEqual([]);
      expect(lstatSync(join(folder, 'victim')).mode & 0o7777).toBe(0o755);
      expect(attributesOf('victim')).toEqual([]);
      expect(apply('victim', given, true)).toEqual([]);
      expect(lstatSync(join(folder, 'victim')).mode & 0o7777).toBe(0o7755);
      expect(attributesOf('victim')).toEqual(['security.capability']);
    });

    it('set-id bits are not given to a file that could not be given its owner', () => {
      chmodSync(folder, 0o777);
      process.seteuid?.(65_534);
      try {
        writeFileSync(join(folder, 'mine'), 'x');
        apply('mine', { ...metadata, uid: 0, gid: 0, permissions: 0o7755 }, true);
        expect(lstatSync(join(folder, 'mine')).mode & 0o7777).toBe(0o1755);
        apply('mine', { ...metadata, uid: 65_534, gid: process.getegid!(), permissions: 0o7755 }, true);
        expect(lstatSync(join(folder, 'mine')).mode & 0o7777).toBe(0o7755);
      } finally {
        process.seteuid?.(0);
      }
    });

    it('the label that SELinux gave a new file is left to it', () => {
      setAttribute(fromText(join(folder, 'victim')), attribute('security.selinux', 'label'));
      expect(apply('victim', metadata, true)).toEqual([]);
      expect(attributesOf('victim').sort()).toEqual(['security.selinux', 'trusted.a', 'trusted.z']);
    });

    it('an attribute that its owner may set, and that the file does not take, is told', () => {
      chmodSync(folder, 0o777);
      process.seteuid?.(65_534);
      try {
        writeFileSync(join(folder, 'mine'), 'x', { mode: 0o400 });
        const given = { ...metadata, uid: 65_534, gid: process.getegid!() };
        const problems = apply('mine', { ...given, extendedAttributes: [attribute('user.x')] }, true);
        expect(problems.map(({ step, expected }) => `${step} ${expected}`)).toEqual(['attributes false']);
      } finally {
        process.seteuid?.(0);
      }
    });

    it('one step that fails is told and does not stop the others', () => {
      const bad = { ...metadata, extendedAttributes: [attribute('nonsense.x'), attribute('trusted.ok')] };
      expect(apply('victim', bad, true)).toEqual([
        expect.objectContaining({
          step: 'attributes',
          expected: true,
          error: expect.objectContaining({ code: 'ENOTSUP' }),
        }),
      ]);
      expect(attributesOf('victim')).toEqual(['trusted.ok']);
      expect(lstatSync(join(folder, 'victim')).uid).toBe(1234);
    });

    it('without the rights of root, what cannot be is no surprise', () => {
      chmodSync(folder, 0o777);
      process.seteuid?.(65_534);
      try {
        writeFileSync(join(folder, 'mine'), 'x');
        const problems = apply('mine', metadata, true);
        expect(problems.map(({ step, expected }) => `${step} ${expected}`)).toEqual([
          'owner true',
          'attributes true',
          'attributes true',
        ]);
        expect(lstatSync(join(folder, 'mine'), { bigint: true }).mtimeNs).toBe(metadata.mtimeNs);
        expect(apply('victim', metadata, true).every(({ expected }) => expected)).toBe(true);
      } finally {
        process.seteuid?.(0);
      }
      expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('x');
    });
  },
);
