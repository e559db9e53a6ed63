/**
 * What the stand-in for Backblaze B2 keeps: buckets of file versions in memory, listed as B2's documentation says. It
 * can lag: a version then stays unseen for its first listings and its first downloads by name, as pCloud and B2 do.
 */
import { hash } from 'node:crypto';

export interface B2Version {
  readonly fileId: string;
  readonly fileName: string;
  readonly action: 'upload' | 'hide';
  readonly content: Buffer;
  readonly contentSha1: string;
  readonly contentType: string;
  readonly info: Readonly<Record<string, string>>;
  readonly uploadTimestamp: number;
}

export interface B2Lag {
  /** How many listings that would show a new version do not show it yet. */
  listings: number;
  /** How many downloads by name do not find it yet. */
  downloads: number;
}

export interface ListedName {
  readonly fileName: string;
  /** Undefined for a folder. */
  readonly version: B2Version | undefined;
}

interface Kept {
  readonly version: B2Version;
  unseen: B2Lag;
}

export class B2Bucket {
  readonly bucketId: string;
  readonly name: string;
  readonly type: string;
  /** Newest first. */
  readonly #files = new Map<string, Kept[]>();

  constructor(name: string, type: string) {
    this.bucketId = hash('sha1', `bucket ${name}`, 'hex').slice(0, 24);
    this.name = name;
    this.type = type;
  }

  add(version: B2Version, lag: B2Lag): void {
    const others = this.#files.get(version.fileName) ?? [];
    this.#files.set(version.fileName, [{ version, unseen: { ...lag } }, ...others]);
  }

  /** Whether it was there. */
  delete(fileName: string, fileId: string): boolean {
    const kept = this.#files.get(fileName) ?? [];
    const rest = kept.filter(({ version }) => version.fileId !== fileId);
    if (rest.length === 0) this.#files.delete(fileName);
    else this.#files.set(fileName, rest);
    return rest.length < kept.length;
  }

  byId(fileId: string): B2Version | undefined {
    for (const kept of this.#files.values()) {
      const found = kept.find(({ version }) => version.fileId === fileId);
      if (found !== undefined) return found.version;
    }
    return undefined;
  }

  /** The newest version that a download by name sees, if it is not hidden. */
  download(fileName: string): B2Version | undefined {
    const newest = this.#files.get(fileName)?.find(({ unseen }) => unseen.downloads-- <= 0)?.version;
    return newest?.action === 'upload' ? newest : undefined;
  }

  /** All versions by name, the newest of each name first, as a listing sees them. */
  versions(prefix: string): B2Version[] {
    const names = [...this.#files.keys()].filter((name) => name.startsWith(prefix)).sort(byBytes);
    return names.flatMap((name) =>
      (this.#files.get(name) ?? [])
        .filter(({ unseen }) => unseen.listings-- <= 0)
        .map(({ version }) => version),
    );
  }

  /** The visible files and, with a delimiter, folders. */
  names(prefix: string, delimiter: string | undefined): ListedName[] {
    const listed = new Map<string, ListedName>();
    const decided = new Set<string>();
    for (const version of this.versions(prefix)) {
      if (decided.has(version.fileName)) continue;
      decided.add(version.fileName);
      if (version.action === 'hide') continue;
      const cut = delimiter ? version.fileName.indexOf(delimiter, prefix.length) : -1;
      const fileName = cut < 0 ? version.fileName : version.fileName.slice(0, cut + 1);
      listed.set(fileName, { fileName, version: cut < 0 ? version : undefined });
    }
    return [...listed.values()];
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
