import { algebraRules, fastRules } from '../../src/passes/graph/algebra.ts';
import { canonicalRules } from '../../src/passes/graph/canonical.ts';
import { stopGradientRules } from '../../src/passes/graph/clean.ts';
import { contractionRules } from '../../src/passes/graph/contractions.ts';
import { foldRules } from '../../src/passes/graph/fold.ts';
import { moveRules } from '../../src/passes/graph/moveViews.ts';
import { reductionRules } from '../../src/passes/graph/reductions.ts';
import type { Rule } from '../../src/passes/graph/rewrite.ts';
import { stabiliseRules } from '../../src/passes/graph/stabilise.ts';

/** Every rewrite rule, by its name. */
export const everyRule: ReadonlyMap<string, Rule> = new Map(
  [...canonicalRules, ...foldRules, ...algebraRules, ...fastRules, ...reductionRules, ...contractionRules, ...moveRules, ...stabiliseRules, ...stopGradientRules].map((r) => [r.name, r]),
);
/** what passes tell beside rules: it changes how a graph is written, and no number */
export const rewritings = ['call = body', 'composite = body', 'composite under a logarithm = body', 'drop an unused graph', 'expand vjp', 'expand jvp', 'contract before the runs', 'leave out what no run reads', 'compute in the branch'] as const;
/** whether whatever fired keeps every bit */
export const keepsBits = (fired: Iterable<string>): boolean => {
  const plain: readonly string[] = rewritings;
  return [...fired].every((name) => plain.includes(name) || everyRule.get(name)?.class === 'exact');
};
