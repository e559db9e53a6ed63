/** The process of `slackwater serve`: see `build/launch.js`. */
import { serveCommand } from './serve-command.ts';

process.exit(await serveCommand(process.argv.slice(2)));
