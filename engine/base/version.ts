/** The program's version, as snapshots record it and `version` prints it. A test holds it equal to `package.json`. */

export const programVersion = '0.1.0';

/** What a snapshot says made it. */
export const programName = `slackwater ${programVersion}`;
