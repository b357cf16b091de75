import { describe, expect, it } from 'vitest';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { algebraRules, fastRules } from '../../../src/passes/graph/algebra.ts';
import { canonicalRules } from '../../../src/passes/graph/canonical.ts';
import { stopGradientRules } from '../../../src/passes/graph/clean.ts';
import { contractionRules } from '../../../src/passes/graph/contractions.ts';
import { foldRules } from '../../../src/passes/graph/fold.ts';
import { moveRules } from '../../../src/passes/graph/moveViews.ts';
import { reductionRules } from '../../../src/passes/graph/reductions.ts';
import { rewrite, type Rule, type RuleClass } from '../../../src/passes/graph/rewrite.ts';
import { stabiliseRules } from '../../../src/passes/graph/stabilise.ts';
import { generator } from '../../../src/testing/graphs.ts';
import { programsFor, type Program } from './lawPrograms.ts';

const tables = { canonical: canonicalRules, fold: foldRules, algebra: algebraRules, fast: fastRules, reductions: reductionRules, contractions: contractionRules, move: moveRules, stabilise: stabiliseRules, stopGradient: stopGradientRules };

const agree = (kind: RuleClass, tolerance: number) => (x: number, y: number): boolean => {
  if (Object.is(x, y)) return true;
  if (kind === 'exact') return false;
  return Math.abs(x - y) <= tolerance * (1 + Math.abs(x)) || !Number.isFinite(x);
};
const differences = (rule: Rule, before: readonly TypedArray[], after: readonly TypedArray[], tolerance: number): readonly string[] => {
  const same = agree(rule.class, tolerance);
  return Array.from(before[0]).flatMap((x, i) => (same(x, after[0][i]) ? [] : [`${i}: ${x} became ${after[0][i]}`]));
};
const check = (rule: Rule, { module, args }: Program): void => {
  let count = 0;
  const after = rewrite('one rule', [rule]).run(module, (name) => { if (name === rule.name) count++; });
  expect(count, 'the rule fires').toBeGreaterThan(0);
  for (const [precision, tolerance] of [['f64', 1e-6], ['native', 1e-4]] as const) {
    expect(differences(rule, interpret(module, args, { precision }), interpret(after, args, { precision }), tolerance), precision).toEqual([]);
  }
};

describe.each(Object.entries(tables))('rules of %s', (_, rules) => {
  it.each(rules.map((rule) => [`${rule.name} (${rule.class})`, rule] as const))('%s', (_name, rule) => {
    const random = generator(7);
    let programs = 0;
    for (let k = 0; k < 6; k++) for (const program of programsFor(rule, random)) { check(rule, program); programs++; }
    expect(programs, 'programs for the rule').toBeGreaterThan(0);
  });
});

describe('the tables', () => {
  const all = Object.values(tables).flat();
  it('names no two rules alike but those that stand in two tables', () => {
    const byName = new Map<string, Rule>();
    const doubled = all.filter((rule) => { const known = byName.get(rule.name); byName.set(rule.name, rule); return known !== undefined && known !== rule && known.class !== rule.class; });
    expect(doubled).toEqual([]);
  });
  it.each(['x + 0 = x', '0 - x = -x', 'x*0 = 0', 'x/c = x*(1/c)', 'exp(log x) = x'])('does not call %s exact', (name) => {
    expect(all.filter((rule) => rule.name === name).map((rule) => rule.class)).not.toContain('exact');
    expect(all.some((rule) => rule.name === name)).toBe(true);
  });
});
