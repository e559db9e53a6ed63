/** Where the engine tells a person something that is not an answer: a warning, a retry, a note. */
export interface Log {
  warn(sentence: string): void;
  note(sentence: string): void;
}

export const silentLog: Log = { warn() {}, note() {} };
