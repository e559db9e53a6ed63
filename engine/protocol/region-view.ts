/** How far the regions of a vault's provider are from here, as it is shown, and whether another one is clearly nearer. */

export interface RegionRow {
  readonly id: string;
  /** Where it is, for people; empty where the table does not know. */
  readonly place: string;
  readonly ours: boolean;
  readonly samples: number;
  /** Half of the answers came within the one, 19 of 20 within the other; without them, none came. */
  readonly medianMs?: number;
  readonly mostMs?: number;
}

export type RegionsView =
  /** The host belongs to no provider that is known here, or to one whose hosts cannot be told. */
  | { readonly at: 'unknown' }
  | {
      readonly at: 'measured';
      readonly provider: string;
      /** The nearest first: those that were measured often enough, and ours. */
      readonly rows: readonly RegionRow[];
      /** Only where it is sure. */
      readonly better?: {
        readonly id: string;
        readonly betterMs: number;
        readonly oursMs: number;
        readonly samples: number;
      };
    };
