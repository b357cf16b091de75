import type { TensorType } from '../../core/dim.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { MergeRule, Nest } from './plan.ts';
import { nameOf } from './print.ts';

/** What would run as one kernel so far. */
export interface MergeGroup {
  /** how its loops lie */
  readonly nest: Nest['kind'];
  /** its operations in a word each, inputs before users: `dotGeneral`, `reduce max`, `exp` */
  readonly ops: readonly string[];
  readonly nodes: readonly Node[];
  /** the types of what it stores */
  readonly stores: readonly TensorType[];
}
/** Two groups that the planner could make one of. */
export interface ProposedMerge {
  /** the one that would otherwise run earlier */
  readonly first: MergeGroup;
  readonly second: MergeGroup;
  readonly kind: MergeRule;
  /** memory traffic that it would save */
  readonly bytes: number;
  /** why the two cannot be one, if they cannot; otherwise the planner merges them, those that save most first */
  readonly refused: string | undefined;
}
/** `merge: false`: never. `merge: true`: before all that nobody asked for, if it can be. */
export interface FusionDecision { readonly merge: boolean; readonly because: string }
export interface FusionRule {
  readonly name: string;
  readonly decide: (merge: ProposedMerge) => FusionDecision | undefined;
}

/**
 * A rule for which values share a kernel, for `compile(f, { fusions: [rule] })`. It is asked about every merge that the
 * planner considers, also of groups that were merged before, and decides or leaves it to the next rule and in the end to
 * the planner. It can never make a merge that is not legal. `explain` says what was done by which rule.
 *
 * @example
 * fusionRule('products alone', ({ first, second }) =>
 *   [first, second].some((g) => g.ops.includes('dotGeneral')) ? { merge: false, because: 'to time them by themselves' } : undefined);
 */
export const fusionRule = (name: string, decide: FusionRule['decide']): FusionRule => ({ name, decide });

/** What the first rule that has an opinion says. */
export const decided = (rules: readonly FusionRule[], merge: ProposedMerge): FusionDecision | undefined => {
  for (const { name, decide } of rules) {
    const decision = decide(merge);
    if (decision !== undefined) return { merge: decision.merge, because: `by the rule '${name}': ${decision.because}` };
  }
  return undefined;
};

export const groupOf = (nest: Nest, seeds: readonly Node[], roots: ReadonlySet<Node>): MergeGroup =>
  ({ nest: nest.kind, ops: seeds.map(nameOf), nodes: seeds, stores: [...roots].map((r) => r.type) });
