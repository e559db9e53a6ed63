/**
 * Passwords of vaults, and what opens their stores, by their ids, in a file of mode 0600 in a folder of mode 0700. In Electron the system's keychain
 * encrypts them; where there is none (the web host, a Linux without a keyring) they lie there plain, and that is told.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { setAside, writeWhole } from './kept-file.ts';
import type { SettingsWarning } from './store.ts';

/** What we use of Electron's `safeStorage`. */
export interface SafeStorage {
  isEncryptionAvailable(): boolean;
  /** On Linux only. */
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  decryptString(encrypted: Buffer): string;
}

export interface Secrets {
  /** Whether what is kept from now on is encrypted. */
  readonly hasKeychain: boolean;
  get(id: string): Promise<string | undefined>;
  set(id: string, secret: string): Promise<void>;
  remove(id: string): Promise<void>;
}

const itemSchema = v.strictObject({ as: v.picklist(['sealed', 'plain']), base64: v.string() });
const fileSchema = v.strictObject({ version: v.literal(1), items: v.record(v.string(), itemSchema) });
type Items = v.InferOutput<typeof fileSchema>['items'];

export function openSecrets(
  path: string,
  safeStorage: SafeStorage | undefined,
  warn: (warning: SettingsWarning) => void,
): Secrets {
  const keychain = safeStorage !== undefined && canSeal(safeStorage) ? safeStorage : undefined;
  let hasWarned = false;
  let items = load(path, warn);

  function seal(secret: string): Items[string] {
    if (keychain !== undefined) {
      return { as: 'sealed', base64: keychain.encryptString(secret).toString('base64') };
    }
    if (!hasWarned) warn({ code: 'secrets-not-encrypted' });
    hasWarned = true;
    return { as: 'plain', base64: Buffer.from(secret).toString('base64') };
  }

  function write(changed: Items): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // The folder may have been there before, open to others.
    chmodSync(dirname(path), 0o700);
    writeWhole(path, `${JSON.stringify({ version: 1, items: changed })}\n`);
    items = changed;
  }

  return {
    hasKeychain: keychain !== undefined,
    async get(id) {
      const item = items[id];
      if (item === undefined) return undefined;
      const bytes = Buffer.from(item.base64, 'base64');
      if (item.as === 'plain') return bytes.toString();
      try {
        return safeStorage?.decryptString(bytes);
      } catch {
        // Sealed by another keychain: it is as if it were not known, and is asked for again.
        return undefined;
      }
    },
    async set(id, secret) {
      write({ ...items, [id]: seal(secret) });
    },
    async remove(id) {
      const { [id]: removed, ...rest } = items;
      if (removed !== undefined) write(rest);
    },
  };
}

/** Without a keyring Chromium says that it encrypts on Linux, and does so with a password that is in its source. */
function canSeal(safeStorage: SafeStorage): boolean {
  return safeStorage.isEncryptionAvailable() && safeStorage.getSelectedStorageBackend?.() !== 'basic_text';
}

function load(path: string, warn: (warning: SettingsWarning) => void): Items {
  if (!existsSync(path)) return {};
  try {
    return v.parse(fileSchema, JSON.parse(readFileSync(path, 'utf8'))).items;
  } catch {
    // No reason: what a parser says may quote the file.
    warn({ code: 'secrets-unreadable', aside: setAside(path) });
    return {};
  }
}
