/** Types, lint and format of the whole project; nothing is written but the compiler's output. `npm run check`. */
import { checkProject } from './check-project.ts';

process.exitCode = checkProject() ? 0 : 1;
