/** What a table of regions says: data only, one file per provider. */

export interface Region {
  /** The provider's own name of it. */
  readonly id: string;
  /** Where it is, for people. */
  readonly place: string;
  /** The S3 endpoint's host; `{account}` stands for what only the user knows. */
  readonly host: string;
}

export interface Provider {
  readonly id: string;
  readonly name: string;
  /** A host belongs to this provider if it ends in one of these. */
  readonly domains: readonly string[];
  /** Empty where each user has hosts of their own. */
  readonly regions: readonly Region[];
}

/** Regions whose hosts follow one pattern: `{region}` becomes each id. */
export function regionsOf(pattern: string, places: Readonly<Record<string, string>>): Region[] {
  return Object.entries(places).map(([id, place]) => ({ id, place, host: pattern.replace('{region}', id) }));
}
