/** The part of sodium-native's API that we use (the package ships no types). */
declare module 'sodium-native' {
  /** Writes the 16-byte Poly1305 tag of `message` under the one-time key `r ‖ s` (32 bytes) into `tag`. */
  export function crypto_onetimeauth(tag: Uint8Array, message: Uint8Array, key: Uint8Array): void;
}
