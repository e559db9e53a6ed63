/** What opens the stores of vaults, kept beside their passwords: it goes to the engine, and never comes back out. */
import * as v from 'valibot';
import { type StoreAccess, storeAccessSchema } from '../../engine/protocol/store-kinds.ts';
import type { Secrets } from './parts.ts';

const idOf = (vaultId: string): string => `${vaultId}:store`;

/** What an `Access` is given of it: nothing where nothing is kept, or what is kept cannot be read. */
export async function keptStore(
  secrets: Secrets,
  vaultId: string,
): Promise<{ readonly store?: StoreAccess }> {
  const text = await secrets.get(idOf(vaultId));
  if (text === undefined) return {};
  try {
    return { store: v.parse(storeAccessSchema, JSON.parse(text)) };
  } catch {
    // No reason: it may quote a secret. The store itself will say that a login is missing.
    return {};
  }
}

export async function keepStore(secrets: Secrets, vaultId: string, store: StoreAccess): Promise<void> {
  if (Object.keys(store).length === 0) await secrets.remove(idOf(vaultId));
  else await secrets.set(idOf(vaultId), JSON.stringify(store));
}

export async function forgetStore(secrets: Secrets, vaultId: string): Promise<void> {
  await secrets.remove(idOf(vaultId));
}
