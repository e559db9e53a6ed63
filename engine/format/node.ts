/**
 * A node: one entry of a tree, with all that restic keeps about a file but its content. Encoded exactly as
 * restic does (order of the keys, what is left out, both layers of escaping), since a tree's id depends on it.
 */
import { type ByteString, fromLatin1, fromText, isValidUtf8 } from '../base/byte-string.ts';
import { limits } from '../base/limits.ts';
import type { NodeType } from './file-mode.ts';
import { jsonByteString, jsonString } from './go-json.ts';
import { quoteName, unquoteName } from './go-quote.ts';
import { checkTime, zeroTime } from './go-time.ts';
import { type Id, isId } from './id.ts';
import {
  asArray,
  asBase64,
  asCount,
  asObject,
  asOptionalText,
  asText,
  asUint64,
  type JsonObject,
} from './json.ts';

export interface NodeAttribute {
  readonly name: ByteString;
  readonly value: Uint8Array;
}

export interface Node {
  readonly name: ByteString;
  readonly type: NodeType;
  /** Go's FileMode: see `file-mode.ts`. */
  readonly mode: number;
  /** RFC 3339; `zeroTime` for none. */
  readonly mtime: string;
  readonly atime: string;
  readonly ctime: string;
  readonly uid: number;
  readonly gid: number;
  readonly user?: string;
  readonly group?: string;
  readonly inode: bigint;
  readonly deviceId: bigint;
  /** Bytes of a file's content; 0 for all else. */
  readonly size: number;
  readonly links: number;
  readonly linkTarget?: ByteString;
  /** In the order in which the system listed them. */
  readonly extendedAttributes: readonly NodeAttribute[];
  /** What Windows knows besides; kept as it was read. */
  readonly genericAttributes?: JsonObject;
  /** `st_rdev` of a device. */
  readonly device: bigint;
  /** A file's data blobs, in order. */
  readonly content?: readonly Id[];
  /** A folder's tree. */
  readonly subtree?: Id;
  readonly error?: string;
}

const nodeTypes: readonly string[] = [
  'file',
  'dir',
  'symlink',
  'dev',
  'chardev',
  'fifo',
  'socket',
  'irregular',
] satisfies NodeType[];

export function encodeNode(node: Node): string {
  return completeNode(encodeNodeHead(node), node);
}

/** The JSON of a node whose head is known. */
export function completeNode(head: string, found: Pick<Node, 'content' | 'subtree' | 'error'>): string {
  const content = found.content === undefined ? 'null' : JSON.stringify(found.content);
  const subtree = found.subtree === undefined ? '' : `,"subtree":"${found.subtree}"`;
  const error = found.error ? `,"error":${jsonString(found.error)}` : '';
  return inOnePiece(`${head}"content":${content}${subtree}${error}}`);
}

/** A text that was put together stays a tree of its parts, each an object of its own, until somebody looks into it. */
function inOnePiece(text: string): string {
  text.charCodeAt(0);
  return text;
}

/** A node's JSON up to its content: all of the metadata. */
export function encodeNodeHead(node: Node): string {
  let json = `{"name":${jsonString(quoteName(node.name))},"type":"${node.type}",`;
  if (node.mode !== 0) json += `"mode":${node.mode},`;
  json += `"mtime":"${node.mtime}","atime":"${node.atime}","ctime":"${node.ctime}",`;
  json += `"uid":${node.uid},"gid":${node.gid},`;
  if (node.user) json += `"user":${jsonString(node.user)},`;
  if (node.group) json += `"group":${jsonString(node.group)},`;
  if (node.inode !== 0n) json += `"inode":${node.inode},`;
  if (node.deviceId !== 0n) json += `"device_id":${node.deviceId},`;
  if (node.size !== 0) json += `"size":${node.size},`;
  if (node.links !== 0) json += `"links":${node.links},`;
  if (node.linkTarget) json += encodeLinkTarget(node.linkTarget);
  if (node.extendedAttributes.length > 0)
    json += `"extended_attributes":${encodeAttributes(node.extendedAttributes)},`;
  if (node.genericAttributes !== undefined)
    json += `"generic_attributes":${encodeGeneric(node.genericAttributes)},`;
  if (node.device !== 0n) json += `"device":${node.device},`;
  return json;
}

function encodeLinkTarget(target: ByteString): string {
  const json = `"linktarget":${jsonByteString(target)},`;
  return isValidUtf8(target) ? json : `${json}"linktarget_raw":${toBase64Json(target)},`;
}

function toBase64Json(bytes: string): string {
  return `"${Buffer.from(bytes, 'latin1').toString('base64')}"`;
}

function encodeAttributes(attributes: readonly NodeAttribute[]): string {
  const encoded = attributes.map(
    ({ name, value }) =>
      `{"name":${jsonByteString(name)},"value":"${Buffer.from(value).toString('base64')}"}`,
  );
  return `[${encoded.join(',')}]`;
}

function encodeGeneric(attributes: JsonObject): string {
  const keys = Object.keys(attributes).sort();
  return `{${keys.map((key) => `${jsonString(key)}:${encodeValue(attributes[key])}`).join(',')}}`;
}

/** Any JSON value, as Go would write it; large integers stay what they were. */
function encodeValue(value: unknown): string {
  if (typeof value === 'string') return jsonString(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(encodeValue).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${jsonString(key)}:${encodeValue(member)}`);
  return `{${members.join(',')}}`;
}

/** Reads what `parseExact` made of a node's JSON. Throws a plain error that says what is wrong. */
export function decodeNode(value: unknown): Node {
  const json = asObject(value, 'a node');
  const type = asText(json.type, 'a node type');
  if (!nodeTypes.includes(type))
    throw new Error(`a node type is not known: ${JSON.stringify(type.slice(0, 40))}`);
  const node: { -readonly [Key in keyof Node]: Node[Key] } = {
    name: unquoteName(asText(json.name, 'a node name')),
    type: type as NodeType,
    mode: asCount(json.mode ?? 0, 'a mode', 2 ** 32 - 1),
    mtime: decodeTime(json.mtime),
    atime: decodeTime(json.atime),
    ctime: decodeTime(json.ctime),
    uid: asCount(json.uid ?? 0, 'a uid', 2 ** 32 - 1),
    gid: asCount(json.gid ?? 0, 'a gid', 2 ** 32 - 1),
    inode: asUint64(json.inode ?? 0, 'an inode'),
    deviceId: asUint64(json.device_id ?? 0, 'a device id'),
    size: asCount(json.size ?? 0, 'a size'),
    links: asCount(json.links ?? 0, 'a number of links'),
    extendedAttributes: asArray(json.extended_attributes, 'extended attributes').map(decodeAttribute),
    device: asUint64(json.device ?? 0, 'a device'),
  };
  const user = asOptionalText(json.user, 'a user');
  const group = asOptionalText(json.group, 'a group');
  const error = asOptionalText(json.error, 'an error');
  if (user !== undefined) node.user = user;
  if (group !== undefined) node.group = group;
  if (error !== undefined) node.error = error;
  const linkTarget = decodeLinkTarget(json);
  if (linkTarget !== undefined) node.linkTarget = linkTarget;
  if (json.generic_attributes !== undefined && json.generic_attributes !== null)
    node.genericAttributes = asObject(json.generic_attributes, 'generic attributes');
  if (type === 'file') node.content = asArray(json.content, 'a content').map(decodeId);
  if (json.subtree !== undefined && json.subtree !== null) node.subtree = decodeId(json.subtree);
  return node;
}

/** The last text that was a time. */
let lastTime = zeroTime;

function decodeTime(value: unknown): string {
  if (value === undefined) return zeroTime;
  const text = asText(value, 'a time');
  // A node has the same time twice or three times.
  if (text !== lastTime) checkTime(text);
  lastTime = text;
  return text;
}

function decodeId(value: unknown): Id {
  if (!isId(value)) throw new Error('a blob id is not 64 hex digits');
  return value;
}

function decodeLinkTarget(json: JsonObject): ByteString | undefined {
  if (json.linktarget_raw !== undefined && json.linktarget_raw !== null) {
    return fromLatin1(asBase64(json.linktarget_raw, 'a raw link target').toString('latin1'));
  }
  const text = asOptionalText(json.linktarget, 'a link target');
  return text === undefined ? undefined : fromText(text);
}

function decodeAttribute(value: unknown): NodeAttribute {
  const json = asObject(value, 'an extended attribute');
  const name = fromText(asText(json.name, 'the name of an extended attribute'));
  if (name.length > limits.nameBytesMax) throw new Error('the name of an extended attribute is too long');
  return { name, value: asBase64(json.value ?? '', 'the value of an extended attribute') };
}
