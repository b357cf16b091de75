import { describe, expect, it } from 'vitest';
import { orThrow } from '../../../src/core/render.ts';
import { algebraRules, fastRules } from '../../../src/passes/graph/algebra.ts';
import { canonicalRules } from '../../../src/passes/graph/canonical.ts';
import { stopGradientRules } from '../../../src/passes/graph/clean.ts';
import { contractionRules } from '../../../src/passes/graph/contractions.ts';
import { foldRules } from '../../../src/passes/graph/fold.ts';
import { scaleRules } from '../../../src/passes/graph/hoistScale.ts';
import { moveRules } from '../../../src/passes/graph/moveViews.ts';
import { reductionRules } from '../../../src/passes/graph/reductions.ts';
import type { Rule } from '../../../src/passes/graph/rewrite.ts';
import { productRules } from '../../../src/passes/graph/sumProducts.ts';
import { stabiliseRules } from '../../../src/passes/graph/stabilise.ts';
import { reciprocalRules } from '../../../src/passes/graph/reciprocals.ts';
import { windowRules } from '../../../src/passes/graph/windows.ts';
import { checkRule } from '../../../src/testing/rules.ts';

const tables = { canonical: canonicalRules, fold: foldRules, algebra: algebraRules, fast: fastRules, reductions: reductionRules, contractions: contractionRules, products: productRules, scales: scaleRules, move: moveRules, windows: windowRules, reciprocals: reciprocalRules, stabilise: stabiliseRules, stopGradient: stopGradientRules };

describe.each(Object.entries(tables))('rules of %s', (_, rules) => {
  it.each(rules.map((rule) => [`${rule.name} (${rule.class})`, rule] as const))('%s', (_name, rule) => {
    expect(orThrow(checkRule(rule, { programs: 0 })).own).toBeGreaterThan(0);
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
