/** A tree blob: the nodes of one folder, sorted by the bytes of their names, each name once. */
import { type ByteString, compareBytes } from '../base/byte-string.ts';
import { asArray, parseObject } from './json.ts';
import { decodeNode, encodeNode, type Node } from './node.ts';

/** A node as it stands in a tree. */
export interface EncodedNode {
  readonly name: ByteString;
  readonly json: string;
}

/** Throws when names are out of order or twice there: such a tree must never be written. */
export function joinTree(nodes: readonly EncodedNode[]): string {
  for (let i = 1; i < nodes.length; i++) {
    if (nodes[i - 1]!.name >= nodes[i]!.name) throw new Error('the nodes of a tree are not in order');
  }
  return `${treeStart}${nodes.map(({ json }) => json).join(',')}]}\n`;
}

/** What every tree begins with. */
export const treeStart = '{"nodes":[';

/** Throws as `joinTree` does. */
export function encodeTree(nodes: readonly Node[]): Buffer {
  return Buffer.from(joinTree(nodes.map((node) => ({ name: node.name, json: encodeNode(node) }))), 'utf8');
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
