/** Time and chance come in as values: what reads them from the air cannot run in a test on virtual time. */
import { SyntaxKind } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isIdentifier,
  isNewExpression,
  isPropertyAccessExpression,
} from 'typescript/unstable/ast/is';
import { importsOf } from './import-rules.ts';
import type { Finding, SourceRule } from './rule.ts';
import { lineAt, nodesOf, type SourceFile } from './source-file.ts';

/** The only file that may, because someone must. */
const realWorld = 'engine/worker/real-world.ts';

const ambientProperties = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.hrtime',
  'AbortSignal.timeout',
  'Temporal.Now',
]);
const ambientCalls = /^(?:setTimeout|setInterval|Date)$/;
const ambientModules = /^(?:node:)?(?:timers|timers\/promises|perf_hooks)$/;
const randomImports =
  /^(?:randomBytes|randomInt|randomUUID|randomUUIDv7|randomFill|randomFillSync|getRandomValues)$/;

export const ambientRules: readonly SourceRule[] = [
  {
    name: 'no ambient time or chance',
    reason: `only ${realWorld} reads the real clock and real randomness, everything else is given a Clock and a Chance`,
    findInSource: (source) =>
      source.path.startsWith('engine/') && source.path !== realWorld ? ambientUses(source) : [],
  },
];

function ambientUses(source: SourceFile): Finding[] {
  const found: Finding[] = [];
  const add = (position: number, what: string): void => {
    found.push({ line: lineAt(source.text, position), what });
  };
  for (const node of nodesOf(source)) {
    const start = (): number => node.getStart(source.parsed);
    if (isPropertyAccessExpression(node)) {
      const text = node.getText(source.parsed).replace(/^globalThis\./, '');
      if (ambientProperties.has(text)) add(start(), `uses ${text}`);
    } else if (isNewExpression(node)) {
      const isDate = node.expression.getText(source.parsed) === 'Date';
      if (isDate && (node.arguments?.length ?? 0) === 0) add(start(), 'uses new Date()');
    } else if (isCallExpression(node)) {
      const called = node.expression.getText(source.parsed).replace(/^globalThis\./, '');
      if (ambientCalls.test(called)) add(start(), `calls ${called}`);
    } else if (isIdentifier(node) && randomImports.test(node.getText(source.parsed))) {
      if (node.parent?.kind !== SyntaxKind.PropertyAssignment)
        add(start(), `uses ${node.getText(source.parsed)}`);
    }
  }
  const modules = importsOf(source).filter(({ target }) => ambientModules.test(target));
  return [...found, ...modules.map(({ line, target }) => ({ line, what: `imports ${target}` }))];
}
