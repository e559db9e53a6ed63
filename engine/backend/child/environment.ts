/** What a program that we start gets to see of our environment, and which of the store's settings are secrets. */
import type { StoreAccess } from '../backend.ts';

/** Ours: passwords of repositories above all. No program needs them. */
const ours = /^(?:RESTIC|SLACKWATER)_/i;
/** Credentials of other stores: rclone may use them for its remotes, ssh has no business with them. */
const ofStores = /^(?:AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE|MINIO)_/i;
/** Switches, numbers and places are no secrets, whatever they are called. */
const plain = /^(?:true|false|\d*|[/~].*)$/i;
const secretNames = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH/i;

export function sshEnvironment(access: StoreAccess): NodeJS.ProcessEnv {
  return pick({ ...process.env, ...access }, (name) => !ours.test(name) && !ofStores.test(name));
}

export function rcloneEnvironment(access: StoreAccess): NodeJS.ProcessEnv {
  return pick({ ...process.env, ...access }, (name) => !ours.test(name));
}

/** Values that must never be shown, whoever says them. */
export function secretsIn(settings: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    value !== undefined && secretNames.test(name) && !plain.test(value) ? [value] : [],
  );
}

export function isSecretName(name: string): boolean {
  return secretNames.test(name);
}

function pick(environment: NodeJS.ProcessEnv, isKept: (name: string) => boolean): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isKept(name)));
}
