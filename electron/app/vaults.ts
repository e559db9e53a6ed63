/**
 * Vaults: made or opened, looked at, removed. A key is kept before the repository that it opens is made, and its
 * recovery sheet is written before that too: no repository of ours is ever without both.
 */
import { existsSync, rmSync } from 'node:fs';
import type { VaultStatus } from '../../engine/protocol/app-state.ts';
import type { Access } from '../../engine/protocol/engine-calls.ts';
import {
  mayHoldSecret,
  type StoreAccess,
  type StorePlace,
  withoutLogin,
} from '../../engine/protocol/store-kinds.ts';
import { type Core, changeSettings, vaultOf } from './core.ts';
import { refusal, toPlainFailure } from './plain-failure.ts';
import { sheetPath, writeRecoverySheet } from './recovery-sheet.ts';
import { forgetStore, keepStore, keptStore } from './store-access.ts';

/** After these a repository may have been made or not. */
const unsureCodes: ReadonlySet<string> = new Set([
  'unavailable',
  'cancelled',
  'io',
  'no-space',
  'not-the-store',
  'store-busy',
  'store-unreachable',
]);

interface Wanted {
  readonly name: string;
  readonly location: string;
  readonly store: StoreAccess;
}

/** A location is shown and written down: a login in it is moved out of it, what cannot be moved is refused. */
export function placeWithoutSecret(location: string, store?: StoreAccess): StorePlace {
  const place = withoutLogin(location, store);
  if (mayHoldSecret(place.location)) throw refusal('usage', { why: 'secret-in-location' });
  return place;
}

export class Vaults {
  readonly #core: Core;
  /** Keys of repositories whose making was cut off, by location: the next attempt goes on with the same key. */
  readonly #unfinished = new Map<string, { readonly vaultId: string; readonly key: string }>();

  constructor(core: Core) {
    this.#core = core;
    const { parts, known } = core;
    for (const { id } of known.settings.vaults) {
      const path = sheetPath(parts.dataFolder, id);
      if (existsSync(path)) known.sheets.set(id, path);
    }
  }

  async access(vaultId: string): Promise<Access> {
    const { location } = vaultOf(this.#core, vaultId);
    const password = await this.#core.parts.secrets.get(vaultId);
    if (password === undefined) throw refusal('password-missing', { vault: vaultId });
    return { location, password, ...(await keptStore(this.#core.parts.secrets, vaultId)) };
  }

  /** Looks at it and remembers what there is; never fails. */
  async look(vaultId: string): Promise<void> {
    const { clock, engine } = this.#core.parts;
    try {
      const facts = await engine.calls.lookAtVault(await this.access(vaultId));
      const nowMs = clock.nowMs();
      this.#remember(vaultId, { at: 'reachable', checkedMs: nowMs, locksMs: nowMs, ...facts });
    } catch (error) {
      const failure = toPlainFailure(error);
      // That the engine went away says nothing of the vault.
      if (failure.code === 'unavailable' || failure.code === 'cancelled') return;
      this.#remember(vaultId, { at: 'trouble', checkedMs: clock.nowMs(), failure });
    }
  }

  lookAtAll(): void {
    for (const { id } of this.#core.known.settings.vaults) void this.look(id);
  }

  /** With a password, what is there is opened, or made at an empty place; else it is made with a key of its own. */
  async add(asked: {
    readonly name: string;
    readonly location: string;
    readonly store?: StoreAccess;
    readonly password?: string | undefined;
  }) {
    const { name, password } = asked;
    const wanted = { name, ...placeWithoutSecret(asked.location, asked.store) };
    if (this.#core.known.settings.vaults.some(({ location }) => location === wanted.location)) {
      throw refusal('usage', { why: 'vault-known' });
    }
    return password === undefined ? await this.#make(wanted) : await this.#open(wanted, password);
  }

  /** The repository and its recovery sheet stay where they are. */
  async remove(vaultId: string): Promise<void> {
    const { known, parts } = this.#core;
    const { location } = vaultOf(this.#core, vaultId);
    if (known.settings.plans.some((plan) => plan.vaultId === vaultId)) {
      throw refusal('usage', { why: 'vault-in-use' });
    }
    changeSettings(this.#core, { vaults: known.settings.vaults.filter(({ id }) => id !== vaultId) });
    known.statuses.delete(vaultId);
    known.sheets.delete(vaultId);
    known.lines.delete(location);
    await parts.secrets.remove(vaultId);
    await forgetStore(parts.secrets, vaultId);
  }

  /** Another login for the store: kept once it was seen to open the vault. */
  async changeStore(vaultId: string, store: StoreAccess): Promise<void> {
    const { parts } = this.#core;
    const { location, password } = await this.access(vaultId);
    await parts.engine.calls.lookAtVault({ location, password, store });
    await keepStore(parts.secrets, vaultId, store);
    void this.look(vaultId);
  }

  async #open(wanted: Wanted, password: string): Promise<{ vaultId: string }> {
    const { parts } = this.#core;
    const { testPlace, initVault, lookAtVault } = parts.engine.calls;
    const { location, store } = wanted;
    // At an empty place the password is that of a vault to be made; the person knows it, so no sheet repeats it.
    if ((await testPlace({ location, store })).at === 'empty') await initVault({ location, password, store });
    await lookAtVault({ location, password, store });
    const vaultId = parts.makeId();
    await keepStore(parts.secrets, vaultId, store);
    await parts.secrets.set(vaultId, password);
    this.#keep(vaultId, wanted);
    return { vaultId };
  }

  async #make(wanted: Wanted): Promise<{ vaultId: string; recoverySheet: string }> {
    const { parts, known } = this.#core;
    const { location, store } = wanted;
    const begun = this.#unfinished.get(location);
    const { vaultId, key } = begun ?? { vaultId: parts.makeId(), key: parts.makeKey() };
    await keepStore(parts.secrets, vaultId, store);
    await parts.secrets.set(vaultId, key);
    const storeNames = Object.keys(store);
    const recoverySheet = writeRecoverySheet(parts, { vaultId, location, key, storeNames });
    this.#unfinished.set(location, { vaultId, key });
    try {
      await parts.engine.calls.initVault({ location, password: key, store });
    } catch (error) {
      const { code } = toPlainFailure(error);
      // There, and made by the attempt that was cut off: then the key opens it.
      const isOurs = code === 'repository-exists' && begun !== undefined;
      if (!isOurs) {
        if (!unsureCodes.has(code)) await this.#discard(location, vaultId, recoverySheet);
        throw error;
      }
      await parts.engine.calls.lookAtVault({ location, password: key, store });
    }
    this.#unfinished.delete(location);
    known.sheets.set(vaultId, recoverySheet);
    this.#keep(vaultId, wanted);
    return { vaultId, recoverySheet };
  }

  /** Nothing was made: the key opens nothing. */
  async #discard(location: string, vaultId: string, recoverySheet: string): Promise<void> {
    this.#unfinished.delete(location);
    rmSync(recoverySheet, { force: true });
    await this.#core.parts.secrets.remove(vaultId);
    await forgetStore(this.#core.parts.secrets, vaultId);
  }

  #keep(id: string, { name, location }: Wanted): void {
    changeSettings(this.#core, { vaults: [...this.#core.known.settings.vaults, { id, name, location }] });
    void this.look(id);
  }

  #remember(vaultId: string, status: VaultStatus): void {
    const { known, changed } = this.#core;
    if (!known.settings.vaults.some(({ id }) => id === vaultId)) return;
    known.statuses.set(vaultId, status);
    changed();
  }
}
