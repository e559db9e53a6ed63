/**
 * The messages of the SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), as bytes: what we ask and
 * what is answered. Reading is strict: anything that is too short, too long or unknown throws.
 */
export const ask = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  stat: 17,
  rename: 18,
  extended: 200,
} as const;

const told = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 201,
} as const;

export const openFlags = { read: 0x01, write: 0x02, create: 0x08, exclusive: 0x20 } as const;

export const status = {
  ok: 0,
  endOfFile: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  unsupported: 8,
} as const;

export interface Attributes {
  readonly sizeBytes?: number;
  /** Kind of file and permissions, as in `st_mode`. */
  readonly mode?: number;
}

export interface NamedAttributes extends Attributes {
  readonly name: string;
}

export type Reply =
  | { readonly type: 'status'; readonly code: number }
  | { readonly type: 'handle'; readonly handle: Buffer }
  | { readonly type: 'data'; readonly bytes: Buffer }
  | { readonly type: 'names'; readonly names: readonly NamedAttributes[] }
  | { readonly type: 'attributes'; readonly attributes: Attributes }
  | { readonly type: 'extended'; readonly bytes: Buffer };

export type ReplyOf<Type extends Reply['type']> = Extract<Reply, { type: Type }>;

export function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A path, a handle or a name with its length before it. */
export function text(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([u32(bytes.length), bytes]);
}

const hasSize = 0x01;
const hasOwner = 0x02;
const hasMode = 0x04;
const hasTimes = 0x08;
const hasExtended = 0x8000_0000;

/** Only the permissions: all that we ever set. */
export function modeAttributes(mode: number | undefined): Buffer {
  return mode === undefined ? u32(0) : Buffer.concat([u32(hasMode), u32(mode)]);
}

/** Name and version of each extension that the server offers. Throws for anything but version 3. */
export function decodeVersion(packet: Buffer): ReadonlyMap<string, string> {
  const reader = new Reader(packet);
  if (reader.u8() !== told.version) throw new Error('it does not begin with its version');
  if (reader.u32() !== 3) throw new Error('it does not speak version 3 of SFTP');
  const extensions = new Map<string, string>();
  while (!reader.isAtEnd) extensions.set(reader.text().toString('latin1'), reader.text().toString('latin1'));
  return extensions;
}

/** The number of the request that is answered, and the answer. The bytes of it are the packet's own. */
export function decodeReply(packet: Buffer): { id: number; reply: Reply } {
  const reader = new Reader(packet);
  const type = reader.u8();
  const id = reader.u32();
  return { id, reply: readReply(type, reader) };
}

function readReply(type: number, reader: Reader): Reply {
  switch (type) {
    case told.status:
      // What follows, in words, is left out by some servers and says nothing that the code does not.
      return { type: 'status', code: reader.u32() };
    case told.handle: {
      const handle = reader.text();
      if (handle.length === 0 || handle.length > 256) throw new Error('a handle has an impossible length');
      return { type: 'handle', handle: Buffer.from(handle) };
    }
    case told.data:
      return { type: 'data', bytes: reader.text() };
    case told.name:
      return { type: 'names', names: readNames(reader) };
    case told.attrs:
      return { type: 'attributes', attributes: readAttributes(reader) };
    case told.extended:
      return { type: 'extended', bytes: reader.rest() };
    default:
      throw new Error(`an answer is of the unknown type ${type}`);
  }
}

function readNames(reader: Reader): NamedAttributes[] {
  const names: NamedAttributes[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const name = reader.text().toString('latin1');
    // As `ls -l` would show it.
    reader.text();
    names.push({ name, ...readAttributes(reader) });
  }
  return names;
}

function readAttributes(reader: Reader): Attributes {
  const flags = reader.u32();
  const sizeBytes = flags & hasSize ? reader.u64() : undefined;
  if (flags & hasOwner) reader.skip(8);
  const mode = flags & hasMode ? reader.u32() : undefined;
  if (flags & hasTimes) reader.skip(8);
  for (let left = flags & hasExtended ? reader.u32() : 0; left > 0; left--) {
    reader.text();
    reader.text();
  }
  return { ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(mode === undefined ? {} : { mode }) };
}

/** Reads values one after the other; throws where the bytes end too early. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#take(1).readUInt8();
  }

  u32(): number {
    return this.#take(4).readUInt32BE();
  }

  u64(): number {
    const value = Number(this.#take(8).readBigUInt64BE());
    if (!Number.isSafeInteger(value)) throw new Error('a number is too large to be true');
    return value;
  }

  text(): Buffer {
    return this.#take(this.u32());
  }

  rest(): Buffer {
    return this.#take(this.#bytes.length - this.#at);
  }

  skip(count: number): void {
    this.#take(count);
  }

  #take(count: number): Buffer {
    if (count > this.#bytes.length - this.#at) throw new Error('an answer is shorter than it says');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
