/**
 * What was said while a repository was opened, its config and its keys, to be told again without a request: across an
 * ocean, each takes its time. Used where the copy for offline use is kept.
 */
import { type Backend, configFile } from './backend.ts';
import { type Around, type Operation, wrapped } from './wrapped-backend.ts';

export interface Overheard {
  /** Asks the store, and remembers its last answers. */
  readonly asking: Backend;
  /** Gives what was heard; for what was not, it asks. */
  readonly telling: Backend;
}

export function overheard(backend: Backend): Overheard {
  const heard = new Map<string, unknown>();
  const listen: Around = async (operation, call, signal) => {
    const result = await call(signal);
    const name = nameOf(operation);
    if (name !== undefined) heard.set(name, result);
    return result;
  };
  const tell: Around = async (operation, call, signal) => {
    const name = nameOf(operation);
    type Result = Awaited<ReturnType<typeof call>>;
    return name !== undefined && heard.has(name) ? (heard.get(name) as Result) : await call(signal);
  };
  return { asking: wrapped(backend, [listen]), telling: wrapped(backend, [tell]) };
}

/** Of what is worth it: a list of keys, and small files that are read whole. */
function nameOf({ kind, type, file }: Operation): string | undefined {
  if (kind === 'list') return type === 'key' ? 'keys' : undefined;
  if (kind !== 'load' || (type !== 'key' && type !== configFile.type)) return undefined;
  return `${type} ${file?.name}`;
}
