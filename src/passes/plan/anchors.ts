import type { Node } from '../../ir/graph/syntax.ts';
import type { Nest } from './plan.ts';
import { isSource, readsOf, seedReads, type Read } from './seeds.ts';

/** Whether a set of seeds can be one kernel, and how its loops would then lie. See Note [Seeds, anchors, inlined values] in fit.ts */
export type Fit = { readonly nest: Nest } | { readonly refused: string };

/** The seeds of a group, inputs before users, and those of them that are stored. */
export interface Candidate { readonly seeds: readonly Node[]; readonly roots: ReadonlySet<Node> }

/** those whose loops are like no others */
export const standsAlone = (n: Node): n is Node<'scatter' | 'argsort'> => n.op === 'scatter' || n.op === 'argsort';
/** the seeds that the loops compute once for each point: those that are stored, and those that fold */
export const anchorsOf = ({ seeds, roots }: Candidate): readonly Node[] =>
  seeds.filter((n) => roots.has(n) || n.op === 'reduce' || n.op === 'dotGeneral' || standsAlone(n));

/** Reads of an anchor: of other anchors (`inside`), or of memory. */
export interface AnchorReads { readonly inside: readonly Read[]; readonly outside: readonly Read[] }
export const anchorReads = (candidate: Candidate, seeds: ReadonlySet<Node>, own = anchorsOf(candidate)): ReadonlyMap<Node, AnchorReads> => {
  const anchors = new Set(own), members = new Set(candidate.seeds);
  const ends = (x: Node): boolean => anchors.has(x) || (seeds.has(x) && !members.has(x));
  const found = new Map<Node, AnchorReads>();
  for (const n of anchors) {
    const reads = readsUpTo(n, seeds, ends), inside: Read[] = [], outside: Read[] = [];
    for (const r of reads) (anchors.has(r.node) ? inside : outside).push(r);
    found.set(n, { inside, outside });
  }
  return found;
};

/** What was read when the anchor was last asked, and the seeds that it read through. */
interface Looked { readonly reads: readonly Read[]; readonly through: readonly Node[] }
const lastLooked = new WeakMap<ReadonlySet<Node>, Map<Node, Looked>>();
/** The reads of an anchor; groups grow one by one, so that what it read before is mostly what it reads now. */
const readsUpTo = (n: Node, seeds: ReadonlySet<Node>, ends: (x: Node) => boolean): readonly Read[] => {
  const ending = (r: Read): boolean => isSource(r.node) || ends(r.node), alone = seedReads(n, seeds);
  if (alone.every(ending)) return alone;
  const all = lastLooked.get(seeds) ?? new Map<Node, Looked>(), last = all.get(n);
  if (last !== undefined && last.reads.every(ending) && !last.through.some(ends)) return last.reads;
  const through: Node[] = [];
  const reads = readsOf(n, (x) => {
    const isEnd = ends(x);
    if (!isEnd && seeds.has(x)) through.push(x);
    return isEnd;
  });
  lastLooked.set(seeds, all.set(n, { reads, through }));
  return reads;
};
