/**
 * The house rules, applied to the whole project; each rule and its reason stand together in `test/tidy`. The rules
 * themselves are tried on bad examples, because a rule that finds nothing anywhere may just be blind.
 */
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../build/run-tool.ts';
import { ambientRules } from './tidy/ambient-rules.ts';
import { badExamples, goodExamples } from './tidy/examples.ts';
import { importRules } from './tidy/import-rules.ts';
import { applyRule, type Rule } from './tidy/rule.ts';
import { shapeRules } from './tidy/shape-rules.ts';
import { linesOf, parseSources, readProject } from './tidy/source-file.ts';
import { textRules } from './tidy/text-rules.ts';

const rules: readonly Rule[] = [...importRules, ...ambientRules, ...shapeRules, ...textRules];
const rulesByName = new Map(rules.map((rule) => [rule.name, rule]));

describe('the project', () => {
  const files = readProject(projectFolder);
  const sources = parseSources(files);

  it('has files of a size that people enjoy', () => {
    const sizes = sources.map(({ text }) => linesOf(text)).sort((a, b) => a - b);
    const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
    process.stdout.write(`${sizes.length} source files, median ${median} lines, longest ${sizes.at(-1)}\n`);
    expect(sizes.length).toBeGreaterThan(50);
    expect(median).toBeLessThanOrEqual(130);
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
    expect(applyRule(rule, files, sources)).toEqual([]);
  });
});

describe('the rules', () => {
  it('are all tried on a bad example', () => {
    expect(new Set(badExamples.map(({ rule }) => rule))).toEqual(new Set(rulesByName.keys()));
  });

  it.each(badExamples.map((example) => [`${example.rule}: ${example.path}`, example] as const))(
    'find %s',
    (_, { rule, path, text, line }) => {
      const files = [{ path, text }];
      const found = applyRule(rulesByName.get(rule)!, files, parseSources(files));
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`${path}:${line} `);
      expect(found[0]).toContain(rulesByName.get(rule)?.reason);
    },
  );

  it.each(goodExamples.map((example) => [example.path, example] as const))('let %s pass', (_, file) => {
    const sources = parseSources([file]);
    expect(rules.flatMap((rule) => applyRule(rule, [file], sources))).toEqual([]);
  });
});
