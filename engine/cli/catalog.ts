/** Every command, in the order in which help lists them. Each is loaded only when it is asked for. */
import type { Command } from './command.ts';

export interface CatalogEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

export const catalog: readonly CatalogEntry[] = [
  {
    name: 'backup',
    summary: 'Back up files and folders into a new snapshot',
    load: async () => (await import('./commands/backup.ts')).command,
  },
  {
    name: 'restore',
    summary: 'Bring back a snapshot, a folder or a file',
    load: async () => (await import('./commands/restore.ts')).command,
  },
  {
    name: 'snapshots',
    summary: 'List the snapshots',
    load: async () => (await import('./commands/snapshots.ts')).command,
  },
  {
    name: 'ls',
    summary: 'List the files in a snapshot',
    load: async () => (await import('./commands/ls.ts')).command,
  },
  {
    name: 'find',
    summary: 'Find files, folders or blobs in the snapshots',
    load: async () => (await import('./commands/find.ts')).command,
  },
  {
    name: 'diff',
    summary: 'Show what differs between two snapshots',
    load: async () => (await import('./commands/diff.ts')).command,
  },
  {
    name: 'check',
    summary: 'Prove that the repository is whole',
    load: async () => (await import('./commands/check.ts')).command,
  },
  {
    name: 'stats',
    summary: 'Count what the snapshots hold and need',
    load: async () => (await import('./commands/stats.ts')).command,
  },
  {
    name: 'init',
    summary: 'Make a new repository',
    load: async () => (await import('./commands/init.ts')).command,
  },
  {
    name: 'key',
    summary: 'List, add, remove and change passwords',
    load: async () => (await import('./commands/key.ts')).command,
  },
  {
    name: 'locks',
    summary: 'List who works in the repository',
    load: async () => (await import('./commands/locks.ts')).command,
  },
  {
    name: 'unlock',
    summary: 'Remove locks that nobody holds any more',
    load: async () => (await import('./commands/unlock.ts')).command,
  },
  {
    name: 'pending',
    summary: 'Show and finish backups that wait for their vault',
    load: async () => (await import('./commands/pending.ts')).command,
  },
  {
    name: 'probe',
    summary: 'Look how good the network to a repository is',
    load: async () => (await import('./commands/probe.ts')).command,
  },
  {
    name: 'regions',
    summary: 'Measure which region of a provider is near',
    load: async () => (await import('./commands/regions.ts')).command,
  },
  {
    name: 'cat',
    summary: 'Print an object of the repository as it is',
    load: async () => (await import('./commands/cat.ts')).command,
  },
  {
    name: 'version',
    summary: 'Print the version',
    load: async () => (await import('./commands/version.ts')).command,
  },
  {
    name: 'help',
    summary: 'Explain slackwater, or one of its commands',
    load: async () => (await import('./commands/help.ts')).command,
  },
];
