/**
 * Codes become sentences here and nowhere else: what happened, what it means, one thing to do. Everything that comes
 * from outside is made printable. The record is total: a new failure code does not compile without its sentence.
 */
import { type Failure, type FailureCode, type FailureDetail, systemCode } from '../base/failure.ts';
import { printable } from './printable.ts';

type Detail = (name: string, otherwise?: string) => string;

const sentences: Readonly<Record<FailureCode, (detail: Detail) => string>> = {
  'ambiguous-id': (d) =>
    `More than one ${d('what', 'snapshot')} id begins with ${d('id', 'those digits')}. Give more of them.`,
  cancelled: () =>
    'Cancelled before it was done. Run it again to finish; a backup goes on from what it has stored.',
  'command-failed': (d) =>
    `The command ${d('command', 'that was to be run')} failed${because(d)}. Nothing was made of its output; run it by itself to see why.`,
  'commit-incomplete': () =>
    'Something that the backup needs was removed from the repository before it was finished. Run the backup again: it sends only what is missing.',
  'commit-waiting': (d) =>
    `The backup is sealed on this machine and waits to be finished${d('why') === '' ? '' : ` (${gateReason(d('why'))})`}. \`slackwater pending\` shows it, \`slackwater pending finish\` or the next backup finishes it.`,
  damaged: (d) =>
    `The ${d('what', 'file')}${named(d('id'))} in the repository is damaged: ${d('why', 'it is not what was once written')}. Run \`slackwater check\` to learn how much is affected.`,
  'file-exists': (d) =>
    `${d('path', 'The file')} exists already, so it was left alone. Choose another place or move it away.`,
  io: (d) =>
    `The system could not ${d('operation', 'read or write')} ${d('path', 'a file')} (${d('errno', 'unknown error')}). Check the disk and its connection, then try again.`,
  'lock-lost': (d) =>
    `The lock on the repository was lost${because(d)}, so the run stopped before it could do harm. Someone may have removed it with \`unlock\`, or this machine slept too long. Run the command again.`,
  'login-refused': (d) =>
    `The store${atLocation(d)} refused who we say we are${because(d)}. Check the user name, the password or the key for it.`,
  'location-unsupported': (d) =>
    `Repositories of the kind "${d('scheme')}:" are not supported yet. Use a folder, sftp:, rest: or rclone:.`,
  'no-space': (d) =>
    `The disk is full${atPath(d)}. Nothing that was stored before is harmed. Make room, then run the command again.`,
  'not-found': (d) =>
    `There is no ${d('what', 'such thing')}${named(d('id'))}. Check the spelling, or list what there is.`,
  'not-kept': (d) =>
    `The store said that it took ${d('what', 'a file')}${named(d('id'))}, and does not have it. Somebody may have removed it meanwhile; run the command again.`,
  'not-the-store': (d) =>
    `Something that is not the store answered${atLocation(d)}${because(d)}. A network that wants a login in the browser does that; log in there, or check the location.`,
  'nothing-to-back-up': () =>
    'Nothing is left to back up: every source was missing, excluded or unreadable. No snapshot was made; check the folders and the excludes.',
  'password-missing': (d) => d('why', 'A password is needed and none was given.') + passwordWays(d),
  'password-wrong': (d) =>
    `The password does not open the repository${atLocation(d)}. Try again with the right one.`,
  'permission-denied': (d) =>
    `The system does not let you ${d('operation', 'use')} ${d('path', 'a file that is needed')}. Check whose it is, or run as a user who may.`,
  'read-only': (d) =>
    `${d('path', 'The place')} is on a file system that is read-only. Make it writable or choose another place.`,
  'repository-exists': (d) =>
    `There is a repository${atLocation(d)} already; it was left as it is. Use it, or choose another place.`,
  'repository-locked': (d) =>
    `The repository${atLocation(d)} is locked${lockHolder(d)}. Wait for it to end (\`--retry-lock 5m\` does so); \`slackwater locks\` says whether it lives, \`slackwater unlock\` removes what is left of a dead one.`,
  'repository-missing': (d) =>
    `There is no repository${atLocation(d)}${nothingThere[d('why')] ?? ''}. Check the location${d('create') === '' ? ', or make one there with `slackwater init`' : `, or make one with \`${d('create')}\``}.`,
  'repository-replaced': (d) =>
    `Another repository is${atLocation(d)} than the one that this backup was made for. Nothing was sent. Bring the right one back, or give the backup up with \`slackwater pending drop\`.`,
  'repository-unsupported': (d) =>
    `The repository is in format version ${d('version', 'unknown')}; this program knows versions 1 and 2. Use a newer program for it.`,
  'source-missing': (d) =>
    `${d('path') === '' ? 'None of the sources exists' : `${d('path')} does not exist`}. Check the spelling; no snapshot was made.`,
  'source-unreadable': (d) =>
    `${d('path', 'A source')} could not be read (${d('errno', d('why', 'unknown error'))}). Check its permissions, or exclude it.`,
  'store-busy': (d) => `The store${atLocation(d)} cannot take the request now${because(d)}. Try again later.`,
  'store-unreachable': (d) =>
    `The store${atLocation(d)} cannot be reached${because(d)}. Check the network and whether the store is running, then try again.`,
  'target-unsafe': (d) =>
    `${d('path', 'The target')} is not safe to write to${because(d)}. Nothing was written there; remove what is in the way or choose another place.`,
  usage: (d) =>
    usages[d('why')]?.(d) ??
    [d('why', 'The command line could not be understood.'), d('instead')].filter(Boolean).join(' '),
  'verification-failed': (d) =>
    `The ${d('what', 'data')}${named(d('id'))} did not read back as it was written${because(d)}. It was not counted as stored. Test this machine's memory and disk, then run the command again.`,
};

/** What the engine finds wrong with what was asked of it, by its codes. */
const usages: Readonly<Record<string, (detail: Detail) => string>> = {
  'bad-pattern': (d) =>
    `The pattern "${d('pattern')}" is not valid: a bracket is not closed, or a backslash ends it.`,
  'bad-size': (d) => `"${d('size')}" is not a size. Write it as in 512, 10M or 2G.`,
  'files-from-raw-empty-name': () =>
    'The list for --files-from-raw has an empty name in it. Correct the list.',
  'files-from-raw-unterminated': () =>
    'The list for --files-from-raw does not end in a zero byte. Perhaps it is cut off; make it anew.',
  'one-file-system-unsupported': () => '--one-file-system is not known on Windows. Leave it away.',
  'place-unknown': () =>
    'The snapshot was made of relative paths, so it does not say where they were. Give a folder with --target.',
  'program-missing': (d) =>
    `The program ${d('program')} is needed to reach this repository, and it is not there. Install it, then run the command again.`,
  'rclone-remote-missing': (d) =>
    `Rclone knows no remote of the name in ${d('location')}. \`rclone listremotes\` shows those that it knows, \`rclone config\` adds one.`,
  'tag-without-name': (d) =>
    `"${d('tag')}" names no file. Write --exclude-if-present as NAME or NAME:HEADER.`,
};

/** What a folder looks like in which a repository should be. */
/** Why the gate is as it is, and what a pending commit failed with last. */
const gateReasons: Readonly<Record<string, string>> = {
  'too-few-samples': 'looking how good the network is',
  calm: 'the network is good',
  good: 'the network is good',
  'no-network-needed': 'no network is needed',
  asked: 'it was asked for',
  'waited-long': 'it has waited long enough',
  'not-calm-yet': 'the network has to stay calm a little longer',
  failures: 'too many requests fail',
  'slow-answers': 'the store answers slowly',
  'slow-transfer': 'hardly anything gets through',
  'no-route': 'there is no network',
  'no-answer': 'the store cannot be reached',
  portal: 'something that is not the store answers; perhaps the network wants a login',
  'store-unreachable': 'the store cannot be reached',
  'store-busy': 'the store cannot take it now',
  'repository-locked': 'somebody else works in the repository',
  'just-failed': 'the last attempt failed',
};

export function gateReason(code: string): string {
  return gateReasons[code] ?? printable(code);
}

const nothingThere: Readonly<Record<string, string>> = {
  'folder-empty': ': the folder is empty. If it is on a disk or a share, that may not be mounted now',
  'folder-missing': ': there is no such folder. If it is on a disk or a share, that may not be mounted now',
  'taken-away': ' any more: the disk or the share may not be mounted now',
};

/** What keeps a request waiting, without advice: the wait ends by itself. */
const waitsFor: Readonly<Partial<Record<FailureCode, (detail: Detail) => string>>> = {
  'login-refused': (d) => `the store refuses who we say we are${because(d)}`,
  'no-space': (d) => `the store is full${because(d)}`,
  'not-kept': () => 'the store does not have a file any more that it took',
  'not-the-store': (d) => `something that is not the store answers${because(d)}`,
  'store-busy': (d) => `the store cannot take the request now${because(d)}`,
  'store-unreachable': (d) =>
    `the store cannot be reached (${transportErrors[d('errno')] ?? d('why', 'unknown error')})`,
};

const transportErrors: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'its name cannot be looked up',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection broken',
  EHOSTUNREACH: 'no way leads to it',
  ENETUNREACH: 'no network',
  ENOTFOUND: 'its name is not known',
  EPIPE: 'connection broken',
  ETIMEDOUT: 'it does not answer',
  SILENT: 'nothing moves on the connection',
};

/** Why something waits, as a part of a sentence. */
export function whyWaiting(failure: Failure): string {
  return waitsFor[failure.code]?.(reader(failure.detail)) ?? reasonOf(failure);
}

/** One line of text for people, safe for a terminal. */
export function sentenceOf(failure: Failure): string {
  return sentences[failure.code](reader(failure.detail));
}

/** For what is no failure but a fault of this program. */
export function sentenceOfFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `Slackwater made a mistake (${printable(message)}) and stopped. Please report it; -vv shows where it happened.`;
}

/** For a part of a run that failed while the rest goes on: what is wrong, without advice. */
export function reasonOf(failure: Failure): string {
  const detail = reader(failure.detail);
  return detail('why') || detail('errno') || sentenceOf(failure);
}

/** What the system said, without its code and without the path, which stands beside it: for people. */
export function shortReason(message: string): string {
  return printable(message.replace(/^[A-Z][A-Z0-9_]+: (.+?), \w+(?: '.*')?$/s, '$1'));
}

/** Why a program could not be run. A folder of the PATH that may not be read hides whether the program is in it. */
export function whyNotStarted(error: unknown): string {
  const code = systemCode(error);
  if (code === 'ENOENT') return 'there is no such program';
  return code === 'EACCES' ? 'there is no such program that you may run' : (code ?? 'unknown error');
}

function reader(detail: FailureDetail): Detail {
  return (name, otherwise = '') => {
    const value = detail[name];
    return value === undefined || value === '' ? otherwise : printable(String(value));
  };
}

function named(id: string): string {
  if (id === '') return '';
  return /^[0-9a-f]{64}$/.test(id) ? ` ${id.slice(0, 8)}` : ` "${id}"`;
}

function because(d: Detail): string {
  const why = d('why') || (d('exitCode') === '' ? '' : `it ended with code ${d('exitCode')}`);
  return why === '' ? '' : ` (${why})`;
}

function atPath(d: Detail): string {
  return d('path') === '' ? '' : ` at ${d('path')}`;
}

function atLocation(d: Detail): string {
  return d('location') === '' ? '' : ` at ${d('location')}`;
}

function lockHolder(d: Detail): string {
  const who = d('username') === '' ? '' : ` by ${d('username')}`;
  const where = d('hostname') === '' ? '' : ` on ${d('hostname')}`;
  const pid = d('pid') === '' ? '' : ` (process ${d('pid')})`;
  const since = d('since') === '' ? '' : ` since ${d('since')}`;
  return `${who}${where}${pid}${since}`;
}

function passwordWays(d: Detail): string {
  if (d('todo') !== '') return ` ${d('todo')}`;
  return ' Give one with --password-file, --password-command or SLACKWATER_PASSWORD, or run this on a terminal to be asked.';
}
