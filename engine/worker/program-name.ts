/** What a snapshot says made it, when the engine's process made it; a test holds it equal to the command line's. */
export const programName = 'slackwater 0.1.0';
