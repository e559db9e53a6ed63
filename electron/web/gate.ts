/**
 * Decides what a request to the web host may do, from facts alone. Whatever is not allowed here is refused: by name of
 * the host (another site's name that resolves to this machine), by origin (a page of another site), by session. Used by
 * `web-host.ts`.
 */

export interface RequestFacts {
  readonly method: string;
  /** As sent: path and query. */
  readonly target: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`: every browser of today sends it, programs do not. */
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
  /** It brings the cookie that the token was exchanged for. */
  readonly hasSession: boolean;
  /** Where we listen. */
  readonly port: number;
}

export type Permission =
  | { readonly do: 'exchange'; readonly token: string }
  | { readonly do: 'state' }
  | { readonly do: 'call'; readonly name: string }
  | { readonly do: 'file'; readonly path: string }
  | { readonly do: 'refuse'; readonly status: number; readonly why: string };

export function permit(facts: RequestFacts): Permission {
  const hosts = [`127.0.0.1:${facts.port}`, `localhost:${facts.port}`];
  if (facts.host === undefined || !hosts.includes(facts.host.toLowerCase()))
    return refuse(421, 'foreign-host');
  const isForeign =
    facts.origin !== undefined && facts.origin.toLowerCase() !== `http://${facts.host}`.toLowerCase();
  if (isForeign) return refuse(403, 'foreign-origin');
  const [path = '', query] = facts.target.split('?', 2);
  if (facts.method === 'POST') return permitPost(facts, path);
  if (facts.method !== 'GET') return refuse(405, 'method');
  if (path === '/' && query !== undefined) {
    const token = new URLSearchParams(query).get('token');
    if (token !== null) return { do: 'exchange', token };
  }
  if (!facts.hasSession) return refuse(401, 'no-session');
  if (path.startsWith('/call/')) return refuse(405, 'method');
  // Pages on other ports of this machine count as the same site, so the cookie alone does not tell them apart.
  const isOwn = facts.fetchSite === undefined || ['same-origin', 'none'].includes(facts.fetchSite);
  if (!isOwn && path !== '/') return refuse(403, 'foreign-page');
  return path === '/state' ? { do: 'state' } : { do: 'file', path };
}

function permitPost(facts: RequestFacts, path: string): Permission {
  // A browser always tells the origin of a POST; what tells none must not get in by that.
  if (facts.origin === undefined) return refuse(403, 'no-origin');
  if (!facts.hasSession) return refuse(401, 'no-session');
  const name = /^\/call\/([A-Za-z]{1,40})$/.exec(path)?.[1];
  if (name === undefined) return refuse(404, 'unknown-call');
  const isJson = /^application\/json(?:;|$)/i.test(facts.contentType ?? '');
  return isJson ? { do: 'call', name } : refuse(415, 'not-json');
}

function refuse(status: number, why: string): Permission {
  return { do: 'refuse', status, why };
}
