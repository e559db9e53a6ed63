/** The names of the two channels between preload and main: calls go in, the state comes out. */
export const callChannel = 'slackwater:call';
export const stateChannel = 'slackwater:state';
