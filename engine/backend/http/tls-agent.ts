/** Connections over TLS to those whom we trust. Loaded with the first of them. */
import { Agent, type AgentOptions, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext, getCACertificates, type TLSSocket } from 'node:tls';
import type { Failure } from '../../base/failure.ts';
import { notTheStore } from './http-failures.ts';
import type { Trust } from './trust.ts';

export { request };

export function tlsAgent(trust: Trust, options: AgentOptions): Agent {
  const common = { ...options, minVersion: 'TLSv1.2' as const };
  if (trust.pinnedSha256 !== undefined) return new PinnedAgent(common, trust.pinnedSha256);
  const ca = trust.authorities ?? [...getCACertificates('default'), ...getCACertificates('system')];
  // Made once: to read hundreds of authorities takes longer than to connect.
  const secureContext = createSecureContext({ ca: [...new Set(ca)], minVersion: common.minVersion });
  return new Agent({ ...common, secureContext } as AgentOptions);
}

type Connected = (error: Error | null, stream: Duplex) => void;
type ConnectionOptions = Parameters<Agent['createConnection']>[0];

/** Hands out connections only once the certificate was seen: before, not a byte of a request is written. */
class PinnedAgent extends Agent {
  readonly #pinnedSha256: string;
  readonly #connecting = new Set<Duplex>();

  constructor(options: AgentOptions, pinnedSha256: string) {
    super({ ...options, rejectUnauthorized: false, maxCachedSessions: 0 });
    this.#pinnedSha256 = pinnedSha256;
  }

  override createConnection(options: ConnectionOptions, connected?: Connected): undefined {
    if (this.options.proxyEnv === undefined) {
      this.#follow(super.createConnection(options) as TLSSocket, connected);
      return;
    }
    // Through a proxy, there is a tunnel first; told is the connection in it, when its certificate has come.
    const tunnel = super.createConnection(options, (error, stream) => {
      if (tunnel) this.#connecting.delete(tunnel);
      const whyNot = error ?? this.#whyNot(stream as TLSSocket);
      if (whyNot !== null && !error) stream.destroy();
      connected?.(whyNot, stream);
    });
    if (tunnel) this.#connecting.add(tunnel);
  }

  #follow(socket: TLSSocket, connected: Connected | undefined): void {
    this.#connecting.add(socket);
    const end = (error: Error | null): void => {
      if (!this.#connecting.delete(socket)) return;
      if (error !== null) socket.destroy();
      connected?.(error, socket);
    };
    socket.once('secureConnect', () => end(this.#whyNot(socket)));
    socket.once('error', end);
    socket.once('close', () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  }

  override destroy(): void {
    for (const socket of this.#connecting) socket.destroy();
    super.destroy();
  }

  #whyNot(socket: TLSSocket): Failure | null {
    const { fingerprint256 } = socket.getPeerCertificate();
    const seen = fingerprint256?.replaceAll(':', '').toLowerCase();
    if (seen === this.#pinnedSha256) return null;
    const host = socket.remoteAddress ?? '';
    return notTheStore(host, 'its certificate is not the one that was pinned');
  }
}
