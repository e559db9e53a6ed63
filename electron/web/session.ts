/**
 * Who may use the web host: whoever brings the token that was printed, once, and from then on the cookie it was
 * exchanged for. Both are forgotten when the process ends. Used by `web-host.ts`.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface Session {
  /** For the address that is shown to the person. */
  readonly token: string;
  /** The value of `Set-Cookie`; undefined where the token is wrong or was used before. */
  exchange(token: string): string | undefined;
  /** Whether this `Cookie` header has ours. */
  isOpenedBy(cookies: string | undefined): boolean;
}

/** `makeSecret` gives a new text of at least 128 random bits, of letters and digits, each time. */
export function makeSession(makeSecret: () => string, port: number): Session {
  const token = makeSecret();
  const secret = makeSecret();
  // Cookies are shared by all ports of a host: two hosts beside each other need two names.
  const name = `slackwater-${port}`;
  let isUsed = false;
  return {
    token,
    exchange(given) {
      if (isUsed || !isSame(given, token)) return undefined;
      isUsed = true;
      return `${name}=${secret}; HttpOnly; SameSite=Strict; Path=/`;
    },
    isOpenedBy(cookies) {
      const ours = (cookies ?? '').split(';').map((cookie) => cookie.trim().split('='));
      return ours.some(([key, value]) => key === name && isSame(value ?? '', secret));
    },
  };
}

/** In the same time whatever differs. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
