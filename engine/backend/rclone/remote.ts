/**
 * The remote that rclone is to serve, as restic's location names it. rclone takes settings of a remote in its name
 * (`:smb,host=nas,pass=...:share`); on a command line everybody could read them, so they go into its environment.
 */
import { Failure } from '../../base/failure.ts';
import { isSecretName } from '../child/environment.ts';

export interface RcloneRemote {
  /** What rclone is given as its argument. */
  readonly argument: string;
  readonly environment: Readonly<Record<string, string>>;
  /** For people: without secrets. */
  readonly shown: string;
}

/** A name for what has none of its own: rclone reads `RCLONE_CONFIG_<NAME>_<SETTING>`. */
const ownName = 'slackwater';

/** `rest` is a location without its `rclone:`. Fails with `usage`. */
export function parseRcloneRemote(rest: string): RcloneRemote {
  if (rest === '' || rest.startsWith('-') || /\p{Cc}/u.test(rest)) throw badRemote();
  const head = /^(:?)([\w.+@ -]+)(?=[,:])/.exec(rest);
  if (head?.[2] === undefined || rest[head[0].length] === ':')
    return { argument: rest, environment: {}, shown: `rclone:${rest}` };
  const { settings, path } = readSettings(rest.slice(head[0].length));
  const isOnTheFly = head[1] === ':';
  const name = isOnTheFly ? ownName : head[2];
  const all = isOnTheFly ? [{ key: 'type', value: head[2] }, ...settings] : settings;
  const shownSettings = settings.map(({ key, value }) => `${key}=${isSecretName(key) ? '***' : value}`);
  return {
    argument: `${name}:${path}`,
    environment: Object.fromEntries(all.map(({ key, value }) => [variableOf(name, key), value])),
    shown: `rclone:${head[0]},${shownSettings.join(',')}:${path}`,
  };
}

interface Setting {
  readonly key: string;
  readonly value: string;
}

/** `,key=value,key="quoted ""value""",flag:path`. */
function readSettings(text: string): { settings: Setting[]; path: string } {
  const settings: Setting[] = [];
  const next = /,(\w+)(?:=(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^,:"']*)))?(?=[,:])/y;
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const [, key = '', double, single, plain = 'true'] = found;
    settings.push({ key, value: double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain });
    if (text[next.lastIndex] === ':') return { settings, path: text.slice(next.lastIndex + 1) };
  }
  throw badRemote();
}

/** The variable in which rclone looks for a setting of a remote. */
export function variableOf(name: string, key: string): string {
  return `RCLONE_CONFIG_${name}_${key}`.replaceAll('-', '_').toUpperCase();
}

function badRemote(): Failure {
  return new Failure('usage', {
    why: 'The location of the rclone repository cannot be understood.',
    instead: 'Write it as rclone:remote:path, with a remote that `rclone listremotes` shows.',
  });
}
