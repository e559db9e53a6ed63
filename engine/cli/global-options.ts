/** The options that every command knows: which repository, how it is opened, what is printed. */
import { count, duration, flag, level, type OptionTable, text } from './option-table.ts';

export const repositoryOptions = {
  repo: text(
    'REPOSITORY',
    'the repository: a folder, or rest:, sftp:, rclone:, s3: or b2: as in restic. Without it: your default vault',
    { short: 'r' },
  ),
  repositoryFile: text('FILE', 'read the location of the repository from this file'),
  passwordFile: text('FILE', 'read the password from this file', { short: 'p' }),
  passwordCommand: text('COMMAND', 'run this command (without a shell); the password is what it prints'),
  insecureNoPassword: flag('the repository has an empty password (insecure)'),
  noLock: flag('take no lock: for reading from a place that cannot be written to'),
  retryLock: duration('TIME', 'while the repository is locked, keep trying for so long, as in 5m'),
  compression: text('MODE', 'auto, off or max', {
    environment: 'COMPRESSION',
    choices: ['auto', 'off', 'max'],
  }),
  packSize: count('MIB', 'size of the packs to aim at, 4 to 128 MiB (16)', { environment: 'PACK_SIZE' }),
  threads: count('N', 'work with so many threads at most (a processor each, at most 4)', {
    environment: 'THREADS',
  }),
} satisfies OptionTable;

export const storeOptions = {
  cacert: text('FILE', 'trust the authorities in this PEM file (several: commas between), and no others', {
    environment: 'CACERT',
  }),
  limitUpload: count('KIB', 'send at most so many KiB a second (0: no limit)'),
  limitDownload: count('KIB', 'fetch at most so many KiB a second (0: no limit)'),
  cacheDir: text('FOLDER', 'keep copies of indexes and snapshots in a folder of their own in this one', {
    environment: 'CACHE_DIR',
  }),
  noCache: flag(
    'neither use nor make such copies; without them nothing can be listed while the store is away',
  ),
} satisfies OptionTable;

export const outputOptions = {
  json: flag('print JSON lines on stdout, for programs'),
  quiet: flag('print the answer only: no progress, no notices', { short: 'q' }),
  verbose: level('print more; -vv names every file', { short: 'v' }),
  help: flag('explain the command', { short: 'h' }),
} satisfies OptionTable;

export const globalOptions = {
  ...repositoryOptions,
  ...storeOptions,
  ...outputOptions,
} satisfies OptionTable;

/** What the environment may say; for each, `RESTIC_` in place of `SLACKWATER_` is a fall-back. */
export const environmentMeanings: readonly (readonly [string, string])[] = [
  ['SLACKWATER_REPOSITORY', 'as --repo'],
  ['SLACKWATER_REPOSITORY_FILE', 'as --repository-file'],
  ['SLACKWATER_PASSWORD', 'the password itself'],
  ['SLACKWATER_PASSWORD_FILE', 'as --password-file'],
  ['SLACKWATER_PASSWORD_COMMAND', 'as --password-command'],
  ['SLACKWATER_HOST', 'as --host'],
  ['SLACKWATER_COMPRESSION', 'as --compression'],
  ['SLACKWATER_PACK_SIZE', 'as --pack-size'],
  ['SLACKWATER_THREADS', 'as --threads'],
  ['SLACKWATER_PROGRESS_FPS', 'how often progress is told in a second (10, at most 60)'],
  ['SLACKWATER_CACERT', 'as --cacert'],
  ['SLACKWATER_CACHE_DIR', 'as --cache-dir'],
  ['SLACKWATER_DATA_DIR', 'the folder of the default vault (has no fall-back)'],
  ['NO_COLOR', 'when set, no colours'],
];
