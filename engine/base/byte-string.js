/**
 * A byte string holds bytes, not text: each character is one byte (0-255). File names, paths and link targets
 * are byte strings, because a name may be any bytes. Compared with `<`, byte strings sort as their bytes do,
 * which is the order that restic's trees need. `toText` is for people's eyes only.
 */
const ascii = /^[\x00-\x7f]*$/;
export function isAscii(text) {
    return ascii.test(text);
}
/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD, as everywhere. */
export function fromText(text) {
    if (isAscii(text))
        return text;
    let bytes = '';
    for (const character of text.toWellFormed())
        bytes += encodeCodePoint(character.codePointAt(0) ?? 0);
    return bytes;
}
/** A byte string of one-byte characters, as made by `Buffer.toString('latin1')` or a literal in ASCII. */
export function fromLatin1(characters) {
    return characters;
}
export function encodeCodePoint(code) {
    if (code < 0x80)
        return String.fromCharCode(code);
    const last = 0x80 | (code & 0x3f);
    if (code < 0x800)
        return String.fromCharCode(0xc0 | (code >> 6), last);
    const third = 0x80 | ((code >> 6) & 0x3f);
    if (code < 0x10000)
        return String.fromCharCode(0xe0 | (code >> 12), third, last);
    return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), third, last);
}
/** One step of UTF-8 decoding, as Go's `utf8.DecodeRune`: an invalid byte has code -1 and length 1. */
export function decodeCodePoint(bytes, at) {
    const invalid = { code: -1, length: 1 };
    const first = bytes.charCodeAt(at);
    if (first < 0x80)
        return { code: first, length: 1 };
    const length = first >= 0xc2 && first < 0xe0
        ? 2
        : first >= 0xe0 && first < 0xf0
            ? 3
            : first >= 0xf0 && first < 0xf5
                ? 4
                : 0;
    if (length === 0 || at + length > bytes.length)
        return invalid;
    let code = first & (0x7f >> length);
    for (let i = 1; i < length; i++) {
        const next = bytes.charCodeAt(at + i);
        if ((next & 0xc0) !== 0x80)
            return invalid;
        code = (code << 6) | (next & 0x3f);
    }
    const least = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000;
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return invalid;
    return { code, length };
}
/** Text for a person: each invalid byte becomes U+FFFD. Not reversible; use only to show. */
export function toText(bytes) {
    if (isAscii(bytes))
        return bytes;
    let text = '';
    for (let at = 0; at < bytes.length;) {
        const { code, length } = decodeCodePoint(bytes, at);
        text += code < 0 ? '\ufffd' : String.fromCodePoint(code);
        at += length;
    }
    return text;
}
export function isValidUtf8(bytes) {
    for (let at = 0; at < bytes.length;) {
        const { code, length } = decodeCodePoint(bytes, at);
        if (code < 0)
            return false;
        at += length;
    }
    return true;
}
/** Order of raw bytes: negative, zero or positive. */
export function compareBytes(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}
