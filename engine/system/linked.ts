/**
 * Functions of libraries that are linked into this very program: Node has OpenSSL, and shows its symbols to native parts.
 * A call takes a third of a microsecond, writes where it is told to, and leaves nothing to be collected. Where a symbol is
 * missing (Electron has another library), the answer is undefined, and whoever asks does without.
 */
import { loadKoffi } from './load-koffi.ts';

export type LinkedFunction = (...parameters: unknown[]) => unknown;

/** By name: the C type of what is returned, and those of the parameters. */
export type Signatures = Readonly<Record<string, readonly [result: string, ...parameters: string[]]>>;

export function linkedFunctions<Wanted extends Signatures>(
  signatures: Wanted,
): { readonly [Name in keyof Wanted]: LinkedFunction } | undefined {
  try {
    const program = loadKoffi().load(null);
    const found = Object.entries(signatures).map(([name, [result, ...parameters]]) => {
      const call: LinkedFunction = program.func(name, result, parameters);
      return [name, call] as const;
    });
    return Object.fromEntries(found) as { [Name in keyof Wanted]: LinkedFunction };
  } catch {
    return undefined;
  }
}
