/** A tree blob: the nodes of one folder, sorted by the bytes of their names, each name once. */
import { compareBytes } from '../base/byte-string.ts';
import { asArray, parseObject } from './json.ts';
import { decodeNode, encodeNode, type Node } from './node.ts';

/** Throws when names are out of order or twice there: such a tree must never be written. */
export function encodeTree(nodes: readonly Node[]): Buffer {
  for (let i = 1; i < nodes.length; i++) {
    if (nodes[i - 1]!.name >= nodes[i]!.name) throw new Error('the nodes of a tree are not in order');
  }
  return Buffer.from(`{"nodes":[${nodes.map(encodeNode).join(',')}]}\n`, 'utf8');
}

/**
 * The nodes, in order of their names. A name that is there twice is refused: two readers could take it for two
 * different things. Throws a plain error that says what is wrong.
 */
export function decodeTree(bytes: Uint8Array): Node[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const nodes = asArray(parseObject(text).nodes, 'the list of nodes').map(decodeNode);
  nodes.sort((a, b) => compareBytes(a.name, b.name));
  for (let i = 1; i < nodes.length; i++) {
    if (nodes[i - 1]!.name === nodes[i]!.name) throw new Error('a name is there twice');
  }
  return nodes;
}
