/** Strict reading of JSON that came out of a repository: shapes are checked, large integers stay exact. */

export type JsonObject = Record<string, unknown>;

const unsafeInteger = /[:,[\s]-?\d{16,}/;

/** Parses JSON; integers beyond 2^53 come out as bigint, all others as number. */
export function parseExact(text: string): unknown {
  if (!unsafeInteger.test(text)) return JSON.parse(text);
  const keepExact = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const isInexact = typeof value === 'number' && !Number.isSafeInteger(value);
    return isInexact && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context?.source ?? 0) : value;
  };
  return JSON.parse(text, keepExact as (key: string, value: unknown) => unknown);
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what} is not an object`);
  return value as JsonObject;
}

export function parseObject(text: string): JsonObject {
  return asObject(parseExact(text), 'it');
}

/** An array; Go writes an empty one as `null` at times. */
export function asArray(value: unknown, what: string): unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`);
  return value;
}

export function asText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`${what} is not a text`);
  return value;
}

export function asOptionalText(value: unknown, what: string): string | undefined {
  return value === undefined || value === null ? undefined : asText(value, what);
}

/** A whole number from 0 to `max`. */
export function asCount(value: unknown, what: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    throw new Error(`${what} is not a whole number from 0 to ${max}`);
  }
  return value;
}

/** A whole number of up to 64 bits. */
export function asUint64(value: unknown, what: string): bigint {
  const isExact = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  const exact = isExact ? BigInt(value) : -1n;
  if (exact < 0n || exact >= 1n << 64n) throw new Error(`${what} is not a whole number of 64 bits`);
  return exact;
}

export function asBoolean(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new Error(`${what} is neither true nor false`);
  return value;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function asBase64(value: unknown, what: string, bytes?: number): Buffer {
  const text = asText(value, what);
  if (!base64.test(text)) throw new Error(`${what} is not base64`);
  const decoded = Buffer.from(text, 'base64');
  if (bytes !== undefined && decoded.length !== bytes) throw new Error(`${what} is not ${bytes} bytes long`);
  return decoded;
}
