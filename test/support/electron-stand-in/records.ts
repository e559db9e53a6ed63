/** The smaller parts of Electron as the stand-in has them: what main does with them is recorded, tests answer. */
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';

/** Electron's `app`. Quitting asks `before-quit` first, as there; `exited` then has the code. */
export class StandInApp extends EventEmitter {
  readonly exited: Promise<number>;
  readonly languages: readonly string[];
  #exit: (code: number) => void = () => undefined;

  constructor(languages: readonly string[]) {
    super();
    this.languages = languages;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  requestSingleInstanceLock(): boolean {
    return true;
  }

  whenReady(): Promise<void> {
    return Promise.resolve();
  }

  getVersion(): string {
    return '0.0.0-test';
  }

  getPreferredSystemLanguages(): string[] {
    return [...this.languages];
  }

  getLoginItemSettings(): { wasOpenedAtLogin: boolean } {
    return { wasOpenedAtLogin: false };
  }

  setAppUserModelId(): void {}
  enableSandbox(): void {}

  quit(): void {
    let isPrevented = false;
    this.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.exit(0);
  }

  exit(code = 0): void {
    this.#exit(code);
  }
}

export class StandInNotification extends EventEmitter {
  readonly options: Electron.NotificationConstructorOptions;

  constructor(options: Electron.NotificationConstructorOptions) {
    super();
    this.options = options;
  }

  static isSupported(): boolean {
    return true;
  }

  /** Recorded by the stand-in that it belongs to. */
  show(): void {}

  close(): void {}
}

/** Not safe, but not the plain text either: a test sees when somebody wrote the plain text. */
export const standInSafeStorage = {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => 'gnome_libsecret' as const,
  encryptString: (text: string) => Buffer.from(text).map((byte) => byte ^ 0x5a) as Buffer,
  decryptString: (sealed: Buffer) => Buffer.from(sealed.map((byte) => byte ^ 0x5a)).toString(),
};

/** A utility process is a child of Node: messages are structured clones there as well. */
export function forkUtility(children: EventEmitter[]) {
  return (modulePath: string, args: string[] = [], options: Electron.ForkOptions = {}) => {
    const child = fork(modulePath, args, {
      serialization: 'advanced',
      execArgv: options.execArgv ?? [],
      env: (options.env ?? process.env) as NodeJS.ProcessEnv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const facade = Object.assign(new EventEmitter(), {
      pid: child.pid,
      postMessage: (message: unknown) => {
        if (child.connected) child.send(message as object, () => undefined);
      },
      kill: () => child.kill(),
    });
    child.on('spawn', () => facade.emit('spawn'));
    child.on('message', (message) => facade.emit('message', message));
    // What it said last is still in the channel when it exits.
    child.on('exit', (code) => {
      if (child.connected) child.once('disconnect', () => facade.emit('exit', code));
      else facade.emit('exit', code);
    });
    children.push(facade);
    return facade;
  };
}
