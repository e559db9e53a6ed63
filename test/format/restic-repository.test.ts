/** Every decoder reads what restic 0.19.1 wrote, and every encoder writes the same bytes again. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { decompress } from '../../engine/format/compression.ts';
import { decodeConfig, encodeConfig } from '../../engine/format/config-file.ts';
import { idOf } from '../../engine/format/id.ts';
import { decodeIndex, encodeIndex, indexBytesMax } from '../../engine/format/index-file.ts';
import { decodeKeyFile, encodeKeyFile, openKeyFile } from '../../engine/format/key-file.ts';
import { decodeLock, encodeLock } from '../../engine/format/lock-file.ts';
import {
  decodePackHeader,
  headerBytesAtEnd,
  isSameContent,
  type PackBlob,
  packBytes,
} from '../../engine/format/pack-header.ts';
import { type SealKey, unseal } from '../../engine/format/seal.ts';
import { decodeSnapshot, encodeSnapshot } from '../../engine/format/snapshot-file.ts';
import { decodeTree, encodeTree } from '../../engine/format/tree.ts';
import { decodeUnpacked } from '../../engine/format/unpacked.ts';

interface StoredFile {
  kind: 'config' | 'key' | 'lock' | 'snapshot' | 'index' | 'pack';
  id?: string;
  stored: string;
  plaintext?: string;
}

interface Vectors {
  password: string;
  repositories: {
    version: 1 | 2;
    masterKey: { mac: { k: string; r: string }; encrypt: string };
    files: StoredFile[];
  }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/restic-repository.json', import.meta.url), 'utf8'),
);
const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');

describe.each(vectors.repositories)('a repository of version $version', ({ version, masterKey, files }) => {
  const master: SealKey = {
    encrypt: fromBase64(masterKey.encrypt),
    macK: fromBase64(masterKey.mac.k),
    macR: fromBase64(masterKey.mac.r),
  };
  const allOf = (kind: StoredFile['kind']): { id: string; bytes: Buffer; plaintext: string }[] => {
    const found = files.filter((file) => file.kind === kind);
    expect(found.length).toBeGreaterThan(0);
    return found.map(({ id, stored, plaintext }) => ({
      id: id ?? '',
      bytes: fromBase64(stored),
      plaintext: plaintext ?? '',
    }));
  };
  const jsonOf = (bytes: Buffer, bytesMax: number): string => {
    const plaintext = unseal(master, bytes)!;
    expect(plaintext[0]).toBe(version === 1 ? 0x7b : 2);
    return decodeUnpacked(plaintext, bytesMax);
  };
  const packsByIndex = new Map(
    allOf('index').flatMap(({ plaintext }) => decodeIndex(plaintext).map(({ id, blobs }) => [id, blobs])),
  );
  const contentOf = (pack: Buffer, blob: PackBlob): Buffer => {
    const plaintext = unseal(master, pack.subarray(blob.offset, blob.offset + blob.length))!;
    return blob.plainLength === 0 ? plaintext : decompress(plaintext, blob.plainLength);
  };

  it('files are named by their bytes', () => {
    for (const { id, stored } of files) if (id !== undefined) expect(idOf(fromBase64(stored))).toBe(id);
  });

  it('a changed byte in any file changes its id, and opens no seal', () => {
    for (const { kind, stored } of files) {
      const bytes = fromBase64(stored);
      const stride = Math.max(1, Math.floor(bytes.length / 50));
      for (let at = 0; at < bytes.length; at += stride) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 0x40;
        expect(idOf(changed)).not.toBe(idOf(bytes));
        if (kind !== 'key' && kind !== 'pack')
          expect(unseal(master, changed), `${kind} ${at}`).toBeUndefined();
      }
    }
  });

  it('config', () => {
    const { bytes, plaintext } = allOf('config')[0]!;
    const config = decodeConfig(unseal(master, bytes)!);
    expect(config.version).toBe(version);
    expect(encodeConfig(config).toString()).toBe(plaintext);
  });

  it('key', async () => {
    const { bytes, plaintext } = allOf('key')[0]!;
    const file = decodeKeyFile(bytes);
    expect(encodeKeyFile(file)).toEqual(bytes);
    expect(bytes.toString()).toBe(plaintext);
    expect(await openKeyFile(file, vectors.password)).toEqual(master);
    expect(await openKeyFile(file, 'Vectors')).toBeUndefined();
  });

  it('lock', () => {
    for (const { bytes, plaintext } of allOf('lock')) {
      const json = jsonOf(bytes, limits.smallFileBytesMax);
      expect(json).toBe(plaintext);
      const lock = decodeLock(json);
      expect(lock).toMatchObject({ exclusive: false, hostname: 'boat', ...JSON.parse(plaintext) });
      expect(encodeLock(lock)).toBe(plaintext);
    }
  });

  it('snapshots', () => {
    for (const { bytes, plaintext } of allOf('snapshot')) {
      const json = jsonOf(bytes, limits.snapshotBytesMax);
      expect(json).toBe(plaintext);
      const snapshot = decodeSnapshot(json);
      expect(snapshot.programVersion).toBe('restic 0.19.1');
      expect(snapshot.summary?.totalFilesProcessed).toBeGreaterThan(0);
      expect(encodeSnapshot(snapshot)).toBe(plaintext);
    }
  });

  it('indexes', () => {
    for (const { bytes, plaintext } of allOf('index')) {
      const json = jsonOf(bytes, indexBytesMax(bytes.length));
      expect(json).toBe(plaintext);
      expect(encodeIndex(decodeIndex(json))).toBe(plaintext);
    }
  });

  it('packs: what their headers say is what the index says, and each blob has its id', () => {
    for (const { id, bytes } of allOf('pack')) {
      const end = bytes.subarray(bytes.length - headerBytesAtEnd(bytes.subarray(-4), bytes.length));
      const blobs = decodePackHeader(master, end, bytes.length);
      // An index may list a pack's blobs in any order.
      const indexed = [...packsByIndex.get(id)!].sort((a, b) => a.offset - b.offset);
      expect(isSameContent(blobs, indexed)).toBe(true);
      expect(packBytes(blobs)).toBe(bytes.length);
      for (const blob of blobs) {
        const content = contentOf(bytes, blob);
        expect(idOf(content)).toBe(blob.id);
        if (blob.plainLength !== 0) expect(content.length).toBe(blob.plainLength);
      }
    }
  });

  it('trees: strange names, types and times are written again byte for byte', () => {
    const types = new Set<string>();
    let names = 0;
    for (const { id, bytes } of allOf('pack')) {
      for (const blob of packsByIndex.get(id)!.filter(({ type }) => type === 'tree')) {
        const content = contentOf(bytes, blob);
        const nodes = decodeTree(content);
        expect(encodeTree(nodes).toString()).toBe(content.toString());
        expect(idOf(encodeTree(nodes))).toBe(blob.id);
        for (const node of nodes) types.add(node.type);
        names = Math.max(names, nodes.length);
      }
    }
    const all = ['chardev', 'dev', 'dir', 'fifo', 'file', 'symlink'];
    expect([...types].sort()).toEqual(version === 2 ? all : ['dir', 'file', 'symlink']);
    expect(names).toBeGreaterThan(version === 2 ? 40 : 2);
  });
});

describe('the vectors', () => {
  it('hold every kind of blob: data and trees, compressed and not', () => {
    const kinds = vectors.repositories.flatMap(({ files }) =>
      files
        .filter(({ kind }) => kind === 'index')
        .flatMap(({ plaintext }) => decodeIndex(plaintext!).flatMap(({ blobs }) => blobs))
        .map(({ type, plainLength }) => `${type} ${plainLength === 0 ? 'as it is' : 'compressed'}`),
    );
    expect([...new Set(kinds)].sort()).toEqual([
      'data as it is',
      'data compressed',
      'tree as it is',
      'tree compressed',
    ]);
  });
});
