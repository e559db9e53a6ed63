/** The way into the C library, loaded on first use. Throws where the package has nothing for this machine. */
import { nativePart } from './native-part.ts';

export type Koffi = typeof import('koffi');

export function loadKoffi(): Koffi {
  const { arch } = process;
  return nativePart('koffi', `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`, 'koffi');
}
