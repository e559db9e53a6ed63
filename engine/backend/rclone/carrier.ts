/**
 * Carries restic's REST protocol to rclone, which is started when it is needed and again after it broke. "There is no
 * such file" is believed only once a list agrees: rclone says so of much that goes wrong between it and its cloud, and
 * keeps an old picture of files that others change, until it lists them.
 */
import { Failure, isFailure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import type { BackendWorld } from '../backend.ts';
import { rcloneEnvironment, secretsIn } from '../child/environment.ts';
import { KeptSession } from '../child/kept-session.ts';
import { Notes } from '../child/notes.ts';
import { startProgram } from '../child/piped-program.ts';
import type { Carrier, HttpAnswer, HttpRequest } from '../http/http-request.ts';
import { parseListing, restV2 } from '../rest-listing.ts';
import type { RcloneRemote } from './remote.ts';
import { RcloneSession } from './session.ts';

/** The host of every request: there is no network between us and rclone. */
export const rcloneBase = new URL('http://localhost/');

export class RcloneCarrier implements Carrier {
  readonly #kept: KeptSession<RcloneSession>;

  constructor(remote: RcloneRemote, world: BackendWorld) {
    this.#kept = new KeptSession(() => openSession(remote, world));
  }

  async ask(request: HttpRequest): Promise<HttpAnswer> {
    if (request.method === 'DELETE') return await this.#remove(request);
    const answer = await this.#askOnce(request);
    if (answer.status !== 404 || request.url.pathname.endsWith('/')) return answer;
    const listing = await this.list(request);
    if (listing.status !== 200) return listing;
    const isListed = isIn(listing, request);
    if (!isListed && request.url.pathname !== '/config') return answer;
    const again = await this.#askOnce(request);
    // Listed, and not there when asked for: believe neither.
    return isListed && again.status === 404 ? { ...again, status: 503 } : again;
  }

  /** rclone may say no to removing what others have removed already; a list that lacks it settles that. */
  async #remove(request: HttpRequest): Promise<HttpAnswer> {
    const asked = await this.#askOnce(request).catch((error: unknown) => {
      if (isFailure(error, 'cancelled') || isFailure(error, 'store-unreachable')) throw error;
      return { error };
    });
    if (!('error' in asked) && asked.status !== 404 && asked.status < 500) return asked;
    const listing = await this.list(request);
    if (listing.status !== 200) return listing;
    if (!isIn(listing, request)) return { ...listing, status: 404 };
    if ('error' in asked) throw asked.error;
    return { ...asked, status: 503 };
  }

  /** The folder of what was asked for, anew; of the config, which is in none, one that shows that the store is there. */
  async list({ url, signal }: Pick<HttpRequest, 'url' | 'signal'>): Promise<HttpAnswer> {
    const folder = url.pathname === '/config' ? '/keys/' : url.pathname.replace(/[^/]+$/, '');
    return await this.#askOnce({
      method: 'GET',
      url: new URL(folder, rcloneBase),
      headers: { Accept: restV2 },
      answerBytesMax: limits.listingBytesMax,
      signal,
    });
  }

  async close(): Promise<void> {
    await this.#kept.close();
  }

  async #askOnce(request: HttpRequest): Promise<HttpAnswer> {
    return await (await this.#kept.get(request.signal)).ask(request);
  }
}

function isIn(listing: HttpAnswer, { url }: HttpRequest): boolean {
  const name = url.pathname.split('/').at(-1);
  return parseListing(listing)?.some((file) => file.name === name) ?? true;
}

/** Waiting so long for a network is rclone's default: minutes. Whoever sets these, or a flag, has their way. */
const defaults = { RCLONE_CONTIMEOUT: '15s', RCLONE_TIMEOUT: '1m', RCLONE_ASK_PASSWORD: 'false' };

async function openSession(
  { argument, environment, shown }: RcloneRemote,
  { clock, log, access }: BackendWorld,
): Promise<RcloneSession> {
  const settings = { ...defaults, ...rcloneEnvironment(access), ...environment };
  const notes = new Notes('rclone', log, secretsIn(settings));
  const start = {
    program: access.SLACKWATER_RCLONE_PROGRAM ?? 'rclone',
    args: ['serve', 'restic', '--stdio', '--b2-hard-delete', argument],
    environment: settings,
    hear: (line: string) => notes.hear(line),
  };
  const program = startProgram(start, clock);
  if (program === undefined) throw new Failure('usage', { why: 'program-missing', program: start.program });
  return await RcloneSession.open(program, { location: shown, notes, clock });
}
