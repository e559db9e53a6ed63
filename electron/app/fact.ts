/** What the world tells the app core: sessions, sleep, networks, languages. Watchers tell it, `App.tell` takes it. */

export type Fact =
  /** The person logged in and the app was started by it. */
  | { readonly type: 'session-started' }
  | { readonly type: 'suspend' }
  | { readonly type: 'resume' }
  /** Another network, or none any more, or one again. */
  | { readonly type: 'network-moved' }
  | { readonly type: 'power'; readonly onBattery: boolean }
  /** In the order of preference, as BCP 47 tags. */
  | { readonly type: 'languages'; readonly languages: readonly string[] };
