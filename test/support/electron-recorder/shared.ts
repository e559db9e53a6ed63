/** What the recorder in Electron's main process and the test outside of it have to know of each other. */

/** Of the file that the recorder writes to. */
export const recordVariable = 'SLACKWATER_TEST_RECORD';

/** Where the recorder is in Electron's main process, as a global. */
export const recorderName = 'slackwaterTestRecorder';

export const lookEveryMs = 50;
