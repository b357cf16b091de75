import type { Node } from '../../ir/graph/syntax.ts';
import type { Nest } from './plan.ts';
import { readsOf, type Read } from './seeds.ts';

/** Whether a set of seeds can be one kernel, and how its loops would then lie. See Note [Seeds, anchors, inlined values] in fit.ts */
export type Fit = { readonly nest: Nest } | { readonly refused: string };

/** The seeds of a group, inputs before users, and those of them that are stored. */
export interface Candidate { readonly seeds: readonly Node[]; readonly roots: ReadonlySet<Node> }

/** the seeds that the loops compute once for each point: those that are stored, and those that fold */
export const anchorsOf = ({ seeds, roots }: Candidate): readonly Node[] =>
  seeds.filter((n) => roots.has(n) || n.op === 'reduce' || n.op === 'dotGeneral' || n.op === 'scatter');

/** Reads of an anchor: of other anchors (`inside`), or of memory. */
export interface AnchorReads { readonly inside: readonly Read[]; readonly outside: readonly Read[] }
export const anchorReads = (candidate: Candidate, seeds: ReadonlySet<Node>): ReadonlyMap<Node, AnchorReads> => {
  const anchors = new Set(anchorsOf(candidate)), members = new Set(candidate.seeds);
  return new Map([...anchors].map((n) => {
    const reads = readsOf(n, (x) => anchors.has(x) || (seeds.has(x) && !members.has(x)));
    return [n, { inside: reads.filter((r) => anchors.has(r.node)), outside: reads.filter((r) => !anchors.has(r.node)) }];
  }));
};
