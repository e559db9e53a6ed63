/**
 * A byte string holds bytes, not text: each character is one byte (0-255). File names, paths and link targets
 * are byte strings, because a name may be any bytes. Compared with `<`, byte strings sort as their bytes do,
 * which is the order that restic's trees need. `toText` is for people's eyes only.
 */
declare const isBytes: unique symbol;
export type ByteString = string & {
    readonly [isBytes]: true;
};
export declare function isAscii(text: string): boolean;
/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD, as everywhere. */
export declare function fromText(text: string): ByteString;
/** A byte string of one-byte characters, as made by `Buffer.toString('latin1')` or a literal in ASCII. */
export declare function fromLatin1(characters: string): ByteString;
export declare function encodeCodePoint(code: number): string;
/** One step of UTF-8 decoding, as Go's `utf8.DecodeRune`: an invalid byte has code -1 and length 1. */
export declare function decodeCodePoint(bytes: ByteString, at: number): {
    code: number;
    length: number;
};
/** Text for a person: each invalid byte becomes U+FFFD. Not reversible; use only to show. */
export declare function toText(bytes: ByteString): string;
export declare function isValidUtf8(bytes: ByteString): boolean;
/** Order of raw bytes: negative, zero or positive. */
export declare function compareBytes(a: ByteString, b: ByteString): number;
export {};
