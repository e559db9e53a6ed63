import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../engine/base/byte-string.ts';
import { idOf } from '../../engine/format/id.ts';
import { encodeNode, encodeNodeHead, type Node } from '../../engine/format/node.ts';
import { encodeTree } from '../../engine/format/tree.ts';
import { isSame, ParentFolder } from '../../engine/job/parent-folder.ts';
import type { SeenItem } from '../../engine/job/seen-item.ts';

const time = '2024-05-06T07:08:09.1Z';
const content = ['a', 'b'].map((digit) => digit.repeat(64));

function node(name: string, more: Partial<Node> = {}): Node {
  const bare = { mode: 0o644, mtime: time, atime: time, ctime: time, uid: 1, gid: 2, size: 3, links: 1 };
  const type = more.type ?? 'file';
  const found = type === 'file' ? { content } : type === 'dir' ? { subtree: 'c'.repeat(64) } : {};
  const rest = { inode: 7n, deviceId: 8n, device: 0n, extendedAttributes: [], ...bare, ...found };
  return { name: fromLatin1(name), type, ...rest, ...more };
}

/** What is known of an item before its content is read. */
function bare(node: Node): Pick<SeenItem, 'name' | 'kind' | 'head'> {
  return { name: node.name, kind: node.type, head: encodeNodeHead(node) };
}

function folder(bytes: Buffer, onMalformed?: () => void): ParentFolder {
  return new ParentFolder(idOf(bytes), bytes, onMalformed);
}

describe('what the parent snapshot has of a folder', () => {
  const value = Buffer.from('},{"name":"b","type":"file"');
  const attribute = { name: fromLatin1('user.x'), value };
  const nodes = [
    node('a'),
    node('b"},{"name":"c', { extendedAttributes: [attribute, attribute] }),
    node('d', { type: 'dir' }),
    node('e', { type: 'symlink', linkTarget: fromLatin1(']}') }),
    node('f', { content: [] }),
  ];
  const bytes = encodeTree(nodes);

  it('gives every node that is as it was its text, content and tree', () => {
    const parent = folder(bytes);
    for (const each of nodes) {
      const { content: blobs, subtree } = each;
      const found = { ...(blobs && { content: blobs }), ...(subtree && { subtree }) };
      expect(parent.former(bare(each))).toEqual({ json: encodeNode(each), ...found });
    }
    expect(parent.idOf(bytes.toString())).toBe(idOf(bytes));
  });

  it('gives nodes from the first difference on, and nothing for what is new', () => {
    const parent = folder(bytes);
    expect(isSame(parent.former(bare(nodes[0]!)))).toBe(true);
    expect(parent.former(bare(node('aa')))).toBeUndefined();
    for (const each of nodes.slice(1)) expect(parent.former(bare(each))).toEqual(each);
    expect(parent.idOf(encodeTree(nodes.slice(1)).toString())).toBeUndefined();
  });

  it.each([
    ['mode', { mode: 0o600 }],
    ['mtime', { mtime: '2024-05-06T07:08:09.10Z' }],
    ['ctime', { ctime: '2024-05-06T07:08:09.11Z' }],
    ['size', { size: 4 }],
    ['inode', { inode: 70n }],
    ['attributes', { extendedAttributes: [attribute] }],
  ])('takes no other %s for the same', (_, change) => {
    expect(folder(encodeTree([node('a')])).former(bare(node('a', change)))).toEqual(node('a'));
  });
});

describe('a tree that nobody would write', () => {
  const text = encodeTree([node('a')]).toString();
  const spoilt = (from: string, to: string): Buffer => Buffer.from(text.replace(from, to), 'latin1');

  it.each([
    ['a list that goes on', '"]}', '",]}'],
    ['no list', `["${content[0]}","${content[1]}"]`, 'null'],
    ['an id that is none', 'aaaa', 'AAAA'],
    ['something after the content', ']}', '],"error":"e"}'],
  ])('is not taken as it stands: %s', (_, from, to) => {
    const former = folder(spoilt(from, to)).former(bare(node('a')));
    expect(isSame(former)).toBe(false);
  });

  it('is told once where it cannot be decoded', () => {
    let told = 0;
    const parent = folder(spoilt('"]}', '",]}'), () => void told++);
    for (const name of ['a', 'b']) expect(parent.former(bare(node(name)))).toBeUndefined();
    expect(told).toBe(1);
  });

  it('keeps no id where its bytes are no text', () => {
    const parent = folder(spoilt('"name":"a"', '"name":"\xff"'));
    expect(isSame(parent.former(bare(node('\ufffd'))))).toBe(false);
    expect(parent.idOf(text.replace('"name":"a"', '"name":"\ufffd"'))).toBeUndefined();
  });
});
