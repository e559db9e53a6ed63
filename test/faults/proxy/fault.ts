/** What can be done to one request: every way in which a network or a store misbehaves that the fault proxy knows. */

export type Fault =
  /** The connection is reset when so many bytes of the body have come; nothing reaches the store. */
  | { readonly do: 'reset'; readonly bodyBytes?: number }
  /** The store carries it out and answers; then the connection is reset. */
  | { readonly do: 'lose-answer' }
  /** Nothing comes back, and no FIN. With `isCarriedOut` the store did it nevertheless. */
  | { readonly do: 'black-hole'; readonly isCarriedOut?: boolean }
  /** The body goes up, or the answer's comes down, at this pace. */
  | { readonly do: 'trickle'; readonly bytesPerSecond: number; readonly way: 'up' | 'down' }
  | { readonly do: 'delay'; readonly ms: number }
  /** The answer ends after so many bytes of its body, whatever it announced. */
  | { readonly do: 'cut-answer'; readonly bytes: number }
  /** The answer is so many bytes shorter, and says so: it looks whole. */
  | { readonly do: 'shorten-answer'; readonly bytes: number }
  | { readonly do: 'lengthen-answer'; readonly bytes: number }
  /** One bit of what comes down, or of what goes up, is another. */
  | { readonly do: 'change-answer'; readonly at: number }
  | { readonly do: 'change-upload'; readonly at: number }
  /** Answers in the store's place; the store hears nothing. */
  | { readonly do: 'answer'; readonly status: number; readonly retryAfter?: string }
  /** A network that wants a login: a page and 200, or 302 to one. */
  | { readonly do: 'portal' }
  | { readonly do: 'redirect' };

export const loginPage = '<html><title>Welcome</title>Please log in to use this network.</html>';

/** A copy in which one bit differs: of the byte at `at`, counted round. */
export function withOtherBit(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const place = at % copy.length;
  copy[place] = copy[place]! ^ 1;
  return copy;
}
