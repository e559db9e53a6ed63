/**
 * How far listings of what is behind an rclone remote are known to lag: by the type that the remote has in its name, in
 * rclone's variables or in its settings file. A remote that is made of others lags as the worst of them. What cannot be
 * told counts as any rclone remote; the rest is learned from what is seen.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../base/limits.ts';
import { type RcloneRemote, variableOf } from './remote.ts';

/** Storage made for people's devices to catch up with each other: a listing is an answer from some time ago. */
const consumerClouds: ReadonlySet<string> = new Set([
  'box',
  'drive',
  'dropbox',
  'fichier',
  'filefabric',
  'gofile',
  'google photos',
  'googlephotos',
  'hidrive',
  'iclouddrive',
  'internxt',
  'jottacloud',
  'koofr',
  'linkbox',
  'mailru',
  'mega',
  'onedrive',
  'opendrive',
  'pcloud',
  'pikpak',
  'pixeldrain',
  'premiumizeme',
  'protondrive',
  'putio',
  'sharefile',
  'sugarsync',
  'ulozto',
  'yandex',
  'zoho',
]);

type Settings = Readonly<Record<string, string | undefined>>;
/** Settings of remotes, by their names. */
type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `settings`: what rclone gets as its environment. Never fails. */
export function rcloneLagFloorMs({ argument, environment }: RcloneRemote, settings: Settings): number {
  const all = { ...settings, ...environment };
  const types = typesOf(argument, all, readSections(all), limits.rcloneRemotesDeepMax);
  return types.some((type) => consumerClouds.has(type))
    ? limits.lagFloorConsumerCloudMs
    : limits.lagFloorRcloneMs;
}

function typesOf(remote: string, settings: Settings, sections: Sections, deepMax: number): string[] {
  const [, onTheFly, name] = /^(:?)([\w.+@ -]+)[,:]/.exec(remote) ?? [];
  if (name === undefined || deepMax === 0) return [];
  if (onTheFly === ':') return [name.toLowerCase()];
  const setting = (key: string): string | undefined =>
    settings[variableOf(name, key)] ?? sections.get(name)?.get(key);
  const type = setting('type');
  const below = [
    setting('remote'),
    ...(setting('upstreams') ?? '').split(/\s+/).map((each) => each.replace(/^[^=:]*=/, '')),
  ];
  return [
    ...(type === undefined ? [] : [type.toLowerCase()]),
    ...below.flatMap((each) => (each ? typesOf(each, settings, sections, deepMax - 1) : [])),
  ];
}

function readSections(settings: Settings): Sections {
  for (const path of placesOf(settings)) {
    const text = readStart(path);
    if (text !== undefined) return sectionsIn(text);
  }
  return new Map();
}

/** Where rclone looks, in its order. */
function placesOf({ RCLONE_CONFIG, XDG_CONFIG_HOME, APPDATA, HOME = homedir() }: Settings): string[] {
  if (RCLONE_CONFIG !== undefined && RCLONE_CONFIG !== '') return [RCLONE_CONFIG];
  const folders = [APPDATA, XDG_CONFIG_HOME, join(HOME, '.config')].filter((each) => each !== undefined);
  return [
    ...folders.filter((each) => each !== '').map((each) => join(each, 'rclone', 'rclone.conf')),
    join(HOME, '.rclone.conf'),
  ];
}

/** An encrypted file has no sections, and that is well. */
function sectionsIn(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const name = /^\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) {
      section = new Map();
      sections.set(name, section);
    }
    const [, key, value] = /^(type|remote|upstreams)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) section?.set(key, value);
  }
  return sections;
}

/** Undefined for what cannot be read, or only once: a pipe is for rclone. */
function readStart(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(limits.rcloneSettingsBytesMax);
      return bytes.subarray(0, readSync(file, bytes)).toString('utf8');
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
