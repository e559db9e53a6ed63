/**
 * Every kind of place that can hold a vault, as data: what a form asks for, and how it becomes a location (restic's, never
 * with a secret in it) and the store's access (names that restic reads from its environment, and what they say). The
 * window makes its form of it; texts are found by `id`.
 */
import * as v from 'valibot';

export type StoreKindId = 'local' | 'rest' | 'sftp' | 'rclone' | 's3' | 'b2';

export type StoreFieldId =
  | 'folder'
  | 'address'
  | 'user'
  | 'password'
  | 'authority'
  | 'pin'
  | 'host'
  | 'login'
  | 'port'
  | 'path'
  | 'remote'
  | 'prefix'
  | 'configPassword'
  | 'endpoint'
  | 'bucket'
  | 'keyId'
  | 'secretKey'
  | 'region'
  | 'lookup';

/** How a bucket is named to the store. */
export type StoreChoice = 'auto' | 'dns' | 'path';

export interface StoreField {
  readonly id: StoreFieldId;
  readonly kind: 'text' | 'secret' | 'choice' | 'path';
  readonly isRequired?: boolean;
  /** The name of the store's access that it is; without it, it is a part of the location. */
  readonly access?: string;
  /** For a choice; the first is what holds where nothing is said. */
  readonly choices?: readonly StoreChoice[];
  /** Hardly anybody needs it. */
  readonly isRare?: boolean;
}

export interface StoreKind {
  readonly id: StoreKindId;
  readonly fields: readonly StoreField[];
  /** Of the fields that are parts of it; every required one is there. */
  locationOf(values: StoreValues): string;
}

/** By the field's id, as they were typed. */
export type StoreValues = Readonly<Record<string, string>>;
export type StoreAccess = Readonly<Record<string, string>>;

export interface StorePlace {
  readonly location: string;
  readonly store: StoreAccess;
}

const trust: readonly StoreField[] = [
  { id: 'authority', kind: 'text', access: 'RESTIC_CACERT', isRare: true },
  { id: 'pin', kind: 'text', access: 'SLACKWATER_TLS_PIN', isRare: true },
];

export const storeKinds: readonly StoreKind[] = [
  {
    id: 'local',
    fields: [{ id: 'folder', kind: 'path', isRequired: true }],
    locationOf: ({ folder = '' }) => folder,
  },
  {
    id: 'rest',
    fields: [
      { id: 'address', kind: 'text', isRequired: true },
      { id: 'user', kind: 'text', access: 'RESTIC_REST_USERNAME' },
      { id: 'password', kind: 'secret', access: 'RESTIC_REST_PASSWORD' },
      ...trust,
    ],
    locationOf: ({ address = '' }) =>
      `rest:${/^https?(?:\+unix)?:\/\//.test(address) ? address : `https://${address}`}`,
  },
  {
    id: 'sftp',
    fields: [
      { id: 'host', kind: 'text', isRequired: true },
      { id: 'login', kind: 'text' },
      { id: 'port', kind: 'text' },
      { id: 'path', kind: 'text', isRequired: true },
    ],
    locationOf: ({ host = '', login = '', port = '', path = '' }) => {
      const at = `${login === '' ? '' : `${login}@`}${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}`;
      return port === '' ? `sftp:${at}:${path}` : `sftp://${at}:${port}/${path}`;
    },
  },
  {
    id: 'rclone',
    fields: [
      { id: 'remote', kind: 'text', isRequired: true },
      { id: 'prefix', kind: 'text' },
      { id: 'configPassword', kind: 'secret', access: 'RCLONE_CONFIG_PASS', isRare: true },
    ],
    locationOf: ({ remote = '', prefix = '' }) => `rclone:${remote.replace(/:$/, '')}:${prefix}`,
  },
  {
    id: 's3',
    fields: [
      { id: 'endpoint', kind: 'text', isRequired: true },
      { id: 'bucket', kind: 'text', isRequired: true },
      { id: 'prefix', kind: 'text' },
      { id: 'keyId', kind: 'text', access: 'AWS_ACCESS_KEY_ID', isRequired: true },
      { id: 'secretKey', kind: 'secret', access: 'AWS_SECRET_ACCESS_KEY', isRequired: true },
      { id: 'region', kind: 'text', access: 'AWS_DEFAULT_REGION', isRare: true },
      {
        id: 'lookup',
        kind: 'choice',
        access: 's3.bucket-lookup',
        choices: ['auto', 'dns', 'path'],
        isRare: true,
      },
      ...trust,
    ],
    locationOf: ({ endpoint = '', bucket = '', prefix = '' }) =>
      `s3:${[endpoint.replace(/\/+$/, ''), bucket, prefix.replace(/^\/+/, '')].filter((part) => part !== '').join('/')}`,
  },
  {
    id: 'b2',
    fields: [
      { id: 'bucket', kind: 'text', isRequired: true },
      { id: 'prefix', kind: 'text' },
      { id: 'keyId', kind: 'text', access: 'B2_ACCOUNT_ID', isRequired: true },
      { id: 'secretKey', kind: 'secret', access: 'B2_ACCOUNT_KEY', isRequired: true },
    ],
    locationOf: ({ bucket = '', prefix = '' }) => `b2:${bucket}:${prefix}`,
  },
];

export function storeKind(id: StoreKindId): StoreKind {
  return storeKinds.find((kind) => kind.id === id) ?? storeKinds[0]!;
}

/** The kind that a location names; any other text is a path. */
export function kindOfLocation(location: string): StoreKind {
  const scheme = /^([a-z0-9]+):/.exec(location)?.[1];
  return storeKinds.find(({ id }) => id === scheme) ?? storeKinds[0]!;
}

const accessNames = storeKinds.flatMap(({ fields }) =>
  fields.flatMap(({ access }) => (access === undefined ? [] : [access])),
);

/** What may cross from a window: nothing but what a form asks for, so that no name of it can steer a program. */
export const storeAccessSchema = v.record(
  v.picklist(accessNames),
  v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
);

export function isFilled({ fields }: StoreKind, values: StoreValues): boolean {
  return fields.every(({ id, isRequired }) => isRequired !== true || (values[id] ?? '').trim() !== '');
}

/** What of it the store's access says. */
export function accessOf({ fields }: StoreKind, values: StoreValues): StoreAccess {
  const said = fields.flatMap(({ id, kind, access, choices }) => {
    const typed = values[id] ?? '';
    const value = kind === 'secret' ? typed : typed.trim();
    return access === undefined || value === '' || value === choices?.[0] ? [] : [[access, value]];
  });
  return Object.fromEntries(said);
}

/** From what was typed to a place. A login that was typed into the address is taken out of it. */
export function placeOf(kind: StoreKind, values: StoreValues): StorePlace {
  const trimmed = Object.entries(values).map(([id, value]) => [id, value.trim()]);
  return withoutLogin(kind.locationOf(Object.fromEntries(trimmed)), accessOf(kind, values));
}

/**
 * A location is shown, and stands in settings and on sheets: a login in that of a REST server moves to the access. That
 * of the access counts where there is one already.
 */
export function withoutLogin(location: string, store: StoreAccess = {}): StorePlace {
  const [, scheme, login, rest] = /^(rest:https?:\/\/)([^/?#]*)@(.*)$/s.exec(location) ?? [];
  if (scheme === undefined || login === undefined) return { location, store };
  const [user = '', ...password] = login.split(':');
  const found = {
    ...(user === '' ? {} : { RESTIC_REST_USERNAME: decoded(user) }),
    ...(password.length === 0 ? {} : { RESTIC_REST_PASSWORD: decoded(password.join(':')) }),
  };
  return { location: `${scheme}${rest}`, store: { ...found, ...store } };
}

/** Settings of an rclone remote that stand in its location may be secrets, and so may what is before an `@` elsewhere. */
export function mayHoldSecret(location: string): boolean {
  const { id } = kindOfLocation(location);
  if (id === 'rclone') return /,\s*\w*(?:pass|secret|token|key|credential|auth)\w*\s*=/i.test(location);
  if (id === 'sftp') return /^sftp:(?:\/\/)?[^/@]*:[^/@]*@/.test(location);
  return id !== 'local' && /^\w+:(?:https?:)?(?:\/\/)?[^/]*@/.test(location);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
