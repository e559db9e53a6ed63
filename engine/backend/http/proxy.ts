/**
 * Through which HTTP proxy a request goes, by restic's rules, which are Go's: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`
 * in the environment, in capitals or not. This machine itself is never asked through one, and `ALL_PROXY` is not read.
 * Used by `http-client.ts`; a proxy's address may hold a password, and is never told.
 */
import { BlockList, isIP } from 'node:net';
import { Failure } from '../../base/failure.ts';
import type { StoreAccess } from '../backend.ts';

/** The proxy for what is at the URL; undefined where it is asked directly. */
export type ChooseProxy = (url: URL) => URL | undefined;

interface Exempt {
  readonly isMatch: (host: string) => boolean;
  /** Empty: any. */
  readonly port: string;
}

/** Of an environment, what is about proxies. */
export function proxySettings(environment: StoreAccess): StoreAccess {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => /^(https?|no)_proxy$/i.test(name)),
  );
}

/** Fails with `usage` for an address of a proxy that is none, or that has a protocol which we do not speak. */
export function proxiesFrom(access: StoreAccess): ChooseProxy {
  const proxies: Readonly<Record<string, URL | undefined>> = {
    'http:': parseProxy(access, 'HTTP_PROXY'),
    'https:': parseProxy(access, 'HTTPS_PROXY'),
  };
  const exempts = (read(access, 'NO_PROXY') ?? '').split(',').flatMap(parseExempt);
  return (url) => {
    const proxy = proxies[url.protocol];
    if (proxy === undefined) return undefined;
    const host = bare(url.hostname);
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    if (isThisMachine(host)) return undefined;
    const isExempt = exempts.some((each) => each.isMatch(host) && (each.port === '' || each.port === port));
    return isExempt ? undefined : proxy;
  };
}

function read(access: StoreAccess, name: string): string | undefined {
  return access[name] || access[name.toLowerCase()] || undefined;
}

function parseProxy(access: StoreAccess, name: string): URL | undefined {
  const text = read(access, name)?.trim();
  if (text === undefined || text === '') return undefined;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || url.hostname === '')
    throw new Failure('usage', { why: `${name} is not the address of a proxy.` });
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new Failure('usage', { why: `${name} names a proxy that speaks neither HTTP nor HTTPS.` });
}

/** One entry of `NO_PROXY`: `*`, an address, a network as `10.0.0.0/8`, a domain and what is below it, or `.` and only below. */
function parseExempt(entry: string): Exempt[] {
  const text = entry.trim().toLowerCase();
  if (text === '') return [];
  if (text === '*') return [{ isMatch: () => true, port: '' }];
  const network = parseNetwork(text);
  if (network !== undefined) return [{ isMatch: network, port: '' }];
  const [, host = text, port = ''] = isIP(text) ? [] : (/^(.*?)(?::(\d+))?$/.exec(text) ?? []);
  const name = bare(host);
  if (name === '') return [];
  if (isIP(name) !== 0) return [{ isMatch: (asked) => asked === name, port }];
  const domain = name.startsWith('*.') ? name.slice(1) : name;
  if (domain.startsWith('.')) return [{ isMatch: (asked) => asked.endsWith(domain), port }];
  return [{ isMatch: (asked) => asked === domain || asked.endsWith(`.${domain}`), port }];
}

function parseNetwork(text: string): ((host: string) => boolean) | undefined {
  const [, address = '', bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Without the brackets of an IPv6 address. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
