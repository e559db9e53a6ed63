/**
 * What the stand-in runs in the page before the page's own scripts: the preload, with a `contextBridge` and an
 * `ipcRenderer` that are out of the page's reach, and a bridge that lets cross what Electron's lets cross.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The page has them only until the preload has run. */
export const invokeName = 'standInInvoke';
export const deliverName = 'standInDeliver';

/** Runs in the page: it may use nothing from outside of itself. */
function preparePage(names: { invoke: string; deliver: string }, preload: (require: unknown) => void): void {
  const scope = globalThis as unknown as Record<string, (...args: unknown[]) => unknown>;
  const invoke = scope[names.invoke]!;
  delete scope[names.invoke];
  // A preload runs in the main frame only.
  if ((globalThis as { top?: unknown }).top !== globalThis) return;
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>();
  const cross = (value: unknown): unknown => {
    if (typeof value === 'function') return (...args: unknown[]) => cross(value(...args.map(cross)));
    if (value instanceof Promise) {
      return value.then(cross, (error: unknown) => {
        throw cross(error);
      });
    }
    if (value instanceof Error) return new Error(value.message);
    if (Array.isArray(value)) return Object.freeze(value.map(cross));
    if (typeof value !== 'object' || value === null) return value;
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cross(part)])));
  };
  Object.defineProperty(globalThis, names.deliver, {
    value: (channel: string, args: unknown[]) => {
      for (const listener of listeners.get(channel) ?? []) listener({}, ...args);
    },
  });
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) =>
        Object.defineProperty(globalThis, name, { value: cross(value), enumerable: true }),
    },
    ipcRenderer: {
      invoke: (channel: string, ...args: unknown[]) => invoke(channel, args),
      on: (channel: string, listener: (event: object, ...args: unknown[]) => void) =>
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
    },
  };
  preload((name: string) => {
    if (name !== 'electron') throw new Error(`a sandboxed preload has no ${name}`);
    return electron;
  });
}

const bundles = new Map<string, Promise<string>>();

/** The script for a preload given as TypeScript, or as the CommonJS file that the build made of it. */
export function pageScript(preloadFile: string): Promise<string> {
  const made = bundles.get(preloadFile) ?? bundle(preloadFile);
  bundles.set(preloadFile, made);
  return made;
}

async function bundle(preloadFile: string): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('.', import.meta.url)),
    build: {
      write: false,
      minify: false,
      lib: { entry: preloadFile, formats: ['cjs'], fileName: 'preload' },
      rolldownOptions: { external: ['electron'] },
    },
  });
  const [output] = Array.isArray(made) ? made : [made];
  if (output === undefined || !('output' in output)) throw new Error('the preload was not bundled');
  const { code } = output.output[0];
  const names = JSON.stringify({ invoke: invokeName, deliver: deliverName });
  return `(${preparePage.toString()})(${names}, (require) => { const module = { exports: {} }, exports = module.exports;\n${code}\n});`;
}
