/** Whether two nodes say the same about a file, by restic's rule: times as instants, attributes in any order. Pure. */
import { compareBytes } from '../base/byte-string.ts';
import { parseTime } from '../format/go-time.ts';
import { encodeNode, type Node } from '../format/node.ts';

export function isSameNode(a: Node, b: Node): boolean {
  return canonical(a) === canonical(b);
}

function canonical(node: Node): string {
  const instant = (time: string): string => String(parseTime(time));
  return encodeNode({
    ...node,
    mtime: instant(node.mtime),
    atime: instant(node.atime),
    ctime: instant(node.ctime),
    extendedAttributes: [...node.extendedAttributes].sort((one, other) => compareBytes(one.name, other.name)),
  });
}
