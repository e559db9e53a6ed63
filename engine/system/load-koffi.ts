/** The way into the C library, loaded on first use. Throws where the package has nothing for this machine. */
import { nativePart } from './native-part.ts';

export type Koffi = typeof import('koffi');

let loaded: Koffi | undefined;

/** Asked for with each pack: it is looked for once. */
export function loadKoffi(): Koffi {
  const { arch } = process;
  loaded ??= nativePart<Koffi>('koffi', `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`, 'koffi');
  return loaded;
}
