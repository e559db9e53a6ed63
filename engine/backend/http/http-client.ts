/**
 * HTTP over sockets: keeps connections alive, follows no redirects, believes no answer that is not whole. It neither
 * waits nor tries again: that is what the wrappers are for. Used by every backend that speaks HTTP/1.1.
 */
import type { AgentOptions, Agent as AnyAgent } from 'node:http';
import { limits } from '../../base/limits.ts';
import { Exchange } from './exchange.ts';
import { bytesIn, type Carrier, type HttpAnswer, type HttpRequest } from './http-request.ts';
import type { ChooseProxy } from './proxy.ts';
import type { Trust } from './trust.ts';

// With the first request, as `tls-agent.ts`. Imported, they would make every start 40 ms and 9 MB larger: Node reads all
// authorities with TLS, and an import touches all that a module offers, a second HTTP client among it.
const plain = (): typeof import('node:http') => process.getBuiltinModule('node:http');
type OverTls = typeof import('./tls-agent.ts');

export interface ClientOptions {
  readonly trust?: Trust;
  /** Without it, nothing goes through one. */
  readonly proxy?: ChooseProxy;
  /** All requests go to this Unix socket, whatever their host. */
  readonly socketPath?: string;
}

/** Which connections a request may use. A connection is fast once it has carried much: questions neither take it nor slow it. */
type Pool = 'questions' | 'uploads';

interface PooledOptions {
  readonly pool?: Pool;
}

export class HttpClient implements Carrier {
  readonly #options: ClientOptions;
  readonly #agents = new Map<string, AnyAgent>();
  readonly #closed = new AbortController();
  readonly #underWay: Record<Pool, number> = { questions: 0, uploads: 0 };
  /** The most that were under way: so many connections are open, or about. */
  readonly #open: Record<Pool, number> = { questions: 0, uploads: 0 };

  constructor(options: ClientOptions = {}) {
    this.#options = options;
  }

  async ask(asked: HttpRequest): Promise<HttpAnswer> {
    return await this.#ask(asked, this.#poolFor(asked));
  }

  async makeReady(asked: HttpRequest, uploads: number): Promise<void> {
    await Promise.allSettled(Array.from({ length: uploads }, () => this.#ask(asked, 'uploads')));
  }

  /** Where all of its own are busy, a question takes a connection of uploads, if there are none: to open one takes longer. */
  #poolFor({ parts = [] }: HttpRequest): Pool {
    if (bytesIn(parts) >= limits.uploadBytesMin) return 'uploads';
    const isBusy = this.#underWay.questions >= this.#open.questions;
    const isFree = this.#underWay.uploads === 0 && this.#open.uploads > 0;
    return isBusy && isFree ? 'uploads' : 'questions';
  }

  async #ask(asked: HttpRequest, pool: Pool): Promise<HttpAnswer> {
    this.#underWay[pool]++;
    this.#open[pool] = Math.max(this.#open[pool], this.#underWay[pool]);
    try {
      return await this.#exchange(asked, pool);
    } finally {
      this.#underWay[pool]--;
    }
  }

  async #exchange(asked: HttpRequest, pool: Pool): Promise<HttpAnswer> {
    const { protocol, pathname, search } = asked.url;
    const overTls = protocol === 'https:' ? await import('./tls-agent.ts') : undefined;
    return await new Exchange(asked, this.#closed.signal).run((headers) => {
      const agent = this.#agent(asked.url, overTls);
      const options = { method: asked.method, headers, agent, pool };
      const { socketPath } = this.#options;
      if (socketPath !== undefined) {
        return plain().request({ ...options, socketPath, path: pathname + search, setDefaultHeaders: true });
      }
      return (overTls ?? plain()).request(asked.url, options);
    });
  }

  dropIdle(): void {
    for (const { freeSockets } of this.#agents.values()) {
      for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
    }
  }

  /** What is still asked ends with `cancelled`. */
  async close(): Promise<void> {
    this.#closed.abort();
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #agent(url: URL, overTls: OverTls | undefined): AnyAgent {
    const { protocol } = url;
    const { proxy, socketPath } = this.#options;
    const through = socketPath === undefined ? proxy?.(url)?.href : undefined;
    const kind = `${protocol} ${through}`;
    let agent = this.#agents.get(kind);
    if (agent === undefined) {
      const options: AgentOptions = {
        keepAlive: true,
        scheduling: 'lifo',
        maxFreeSockets: limits.idleConnectionsMax,
        timeout: limits.idleConnectionMsMax,
        // It is chosen already; to Node's agent, there is nothing but this one.
        ...(through === undefined ? {} : { proxyEnv: { HTTP_PROXY: through, HTTPS_PROXY: through } }),
      };
      agent = overTls?.tlsAgent(this.#options.trust ?? {}, options) ?? new (plain().Agent)(options);
      keepPoolsApart(agent);
      this.#agents.set(kind, agent);
    }
    return agent;
  }
}

/** An agent uses a connection again for what has the same name. */
function keepPoolsApart(agent: AnyAgent): void {
  const nameOf = agent.getName.bind(agent);
  agent.getName = (options) => `${nameOf(options)}:${(options as PooledOptions | undefined)?.pool ?? ''}`;
}
