import type { Pass } from '../pass.ts';
import { algebra, algebraRules, fastRules } from './algebra.ts';
import { canonicalise, canonicalRules } from './canonical.ts';
import { cse, dce, inlineCalls, inlineComposites, removeStopGradient } from './clean.ts';
import { dropUnread } from './dropUnread.ts';
import { exchange } from './exchange.ts';
import { expandTransforms } from './expandTransforms.ts';
import { fold, foldRules } from './fold.ts';
import { hoistRuns } from './hoistRuns.ts';
import { moveViews, simplifyingRules } from './moveViews.ts';
import { reassociateDots } from './reassociateDots.ts';
import { reciprocals } from './reciprocals.ts';
import { rewrite, type Rule } from './rewrite.ts';
import { sinkBranches } from './sinkBranches.ts';
import { sumProducts } from './sumProducts.ts';
import { splitSums } from './splitSums.ts';
import { stabilise } from './stabilise.ts';
import { trim } from './trim.ts';
import { gatherOverlaps } from './gatherOverlaps.ts';

/** What one compilation adds to the passes that are on by themselves. */
export interface PipelineOptions {
  /** a user's rules: applied with the algebra, each to its normal form */
  readonly rules?: readonly Rule[];
  /** also the rules that are not laws of floating point */
  readonly fast?: boolean;
}

/** From the graph as written to the graph that is planned. */
export const pipelineOf = ({ rules = [], fast = false }: PipelineOptions): readonly Pass[] => {
  const more = fast ? [...rules, ...fastRules] : rules;
  const simplify = rewrite('simplify', [...simplifyingRules, ...more]);
  return [
    inlineCalls,
    stabilise,
    expandTransforms, inlineCalls, removeStopGradient, hoistRuns, dropUnread, sinkBranches,
    canonicalise,
    more.length === 0 ? algebra : rewrite('algebra', [...canonicalRules, ...foldRules, ...algebraRules, ...more]), fold, cse, dce,
    moveViews,
    reassociateDots,
    inlineComposites,
    gatherOverlaps, sumProducts, simplify, trim, simplify, exchange, reciprocals, splitSums, dce,
  ];
};
export const defaultPipeline: readonly Pass[] = pipelineOf({});
