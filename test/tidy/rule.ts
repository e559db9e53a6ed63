/** A house rule, and what breaks it. Each rule carries its reason, because a rule without one is only in the way. */
import type { SourceFile, TextFile } from './source-file.ts';

export interface Finding {
  /** From 1. */
  readonly line: number;
  readonly what: string;
}

interface Named {
  readonly name: string;
  readonly reason: string;
}

/** Looks at a parsed source. */
export interface SourceRule extends Named {
  readonly findInSource: (source: SourceFile) => Finding[];
}

/** Looks at any file of the project. */
export interface TextRule extends Named {
  readonly findInText: (file: TextFile) => Finding[];
}

export type Rule = SourceRule | TextRule;

/** One line for each finding: where, what, and why that is not wanted. */
export function applyRule(rule: Rule, files: readonly TextFile[], sources: readonly SourceFile[]): string[] {
  const found =
    'findInText' in rule
      ? files.map((file) => ({ path: file.path, findings: rule.findInText(file) }))
      : sources.map((source) => ({ path: source.path, findings: rule.findInSource(source) }));
  return found.flatMap(({ path, findings }) =>
    findings.map(({ line, what }) => `${path}:${line} ${what} (${rule.name}: ${rule.reason})`),
  );
}
