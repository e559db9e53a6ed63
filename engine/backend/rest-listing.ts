/** A list of files as the REST protocol has it: version 2 with sizes, version 1 without. Whatever else it says is refused. */
import { fileNamePattern } from './backend.ts';
import { type HttpAnswer, header } from './http/http-request.ts';

export const restV1 = 'application/vnd.x.restic.rest.v1';
export const restV2 = 'application/vnd.x.restic.rest.v2';

export interface ListedFile {
  readonly name: string;
  readonly sizeBytes: number | undefined;
}

/** Each name once; names that are no ids are passed over. Undefined where it is no such list. */
export function parseListing(answer: HttpAnswer): ListedFile[] | undefined {
  const type = header(answer, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  // Version 1 may come as plain JSON as well, or without a word about it.
  if (type !== undefined && ![restV1, restV2, 'application/json', 'text/plain'].includes(type))
    return undefined;
  const entries = parseJson(answer.body);
  // Go writes `null` for a list that has nothing in it.
  if (entries === null) return [];
  if (!Array.isArray(entries)) return undefined;
  const files = new Map<string, ListedFile>();
  for (const entry of entries) {
    const file = type === restV2 ? withSize(entry) : withoutSize(entry);
    if (file === undefined) return undefined;
    if (fileNamePattern.test(file.name)) files.set(file.name, file);
  }
  return [...files.values()];
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function withoutSize(entry: unknown): ListedFile | undefined {
  return typeof entry === 'string' ? { name: entry, sizeBytes: undefined } : undefined;
}

function withSize(entry: unknown): ListedFile | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { name, size } = entry as { name?: unknown; size?: unknown };
  if (typeof name !== 'string' || typeof size !== 'number') return undefined;
  return Number.isSafeInteger(size) && size >= 0 ? { name, sizeBytes: size } : undefined;
}
