/**
 * Another network as a fact: this machine got or lost an address, or the system says that it is online or offline. Looked at
 * now and then, for there is no event for it in every system; that there is a network is never concluded from it.
 */

const lookMs = 5_000;

export interface NetworkPlace {
  readonly clock: { after(ms: number, run: () => void): () => void };
  /** Of this machine, without loopback. */
  addresses(): readonly string[];
  /** As Electron says it; undefined where nobody does. */
  isOnline?(): boolean | undefined;
}

/** The answer ends it. */
export function watchNetwork(
  place: NetworkPlace,
  tell: (fact: { readonly type: 'network-moved' }) => void,
): () => void {
  const now = (): string => JSON.stringify([[...place.addresses()].sort(), place.isOnline?.()]);
  let before = now();
  let cancel = (): void => undefined;
  const look = (): void => {
    cancel = place.clock.after(lookMs, () => {
      const seen = now();
      if (seen !== before) tell({ type: 'network-moved' });
      before = seen;
      look();
    });
  };
  look();
  return () => cancel();
}
