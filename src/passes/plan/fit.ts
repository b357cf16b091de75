import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { align, type Aligned } from './align.ts';
import { anchorReads, anchorsOf, standsAlone, type AnchorReads, type Candidate, type Fit } from './anchors.ts';
import { fitBlocks, mayTakeTurns } from './fitBlocks.ts';
import { fitRows } from './fitRows.ts';
import { controlOf, seedReads } from './seeds.ts';

const refused = (because: string): Fit => ({ refused: because });
/** more would make no better kernel, and a text that nobody reads */
const mostOperations = 48;

/** Fits a candidate; `seeds` are those of the whole plan, values of other groups among them, and `transient` those better not stored. */
export const fit = (candidate: Candidate, seeds: ReadonlySet<Node>, target: Target, transient: ReadonlySet<Node> = new Set()): Fit => {
  if (candidate.seeds.length > mostOperations) return refused(`more than ${mostOperations} operations`);
  const anchors = anchorsOf(candidate);
  const alone = anchors.find(standsAlone);
  if (alone !== undefined && candidate.seeds.length > 1) return refused(`a ${alone.op === 'scatter' ? 'scatter' : 'sort'} stands alone`);
  if (alone?.op === 'scatter') return { nest: { kind: 'scatter', node: alone } };
  if (alone?.op === 'argsort') return { nest: { kind: 'sort', node: alone } };
  const control = candidate.seeds.map(controlOf).find((n) => n !== undefined);
  if (control !== undefined) return candidate.seeds.every((n) => controlOf(n) === control) ? { nest: { kind: 'control', node: control } } : refused(`a ${control.op} stands alone`);
  if (target.shape === 'flat' && candidate.roots.size > 1) return refused('a kernel has one output here');
  const dots = anchors.filter((n) => n.op === 'dotGeneral'), reduces = anchors.filter((n) => n.op === 'reduce');
  const unlike = dots.length > 1 ? 'two contractions' : dots.length === 1 && reduces.length > 0 ? 'a reduction beside a contraction' : undefined, takeTurns = mayTakeTurns(candidate, seeds, transient, target);
  if (unlike !== undefined && !takeTurns) return refused(unlike);
  const reads = anchorReads(candidate, seeds, anchors);
  const aligned = align(anchors, reads);
  if ('refused' in aligned) return aligned;
  const places = mostPlaces(candidate, seeds, anchors);
  if (places > 8) return refused(`a value would be computed again at ${places} places`);
  const inputs = new Set([...reads.values()].flatMap((r) => r.outside.map((x) => x.node)));
  if (inputs.size + candidate.roots.size > target.maxBuffers) return refused(`more than ${target.maxBuffers} buffers`);
  const again = dots.some((n) => seedReads(n, seeds).some((r) => candidate.seeds.includes(r.node)));
  if ((unlike !== undefined || again) && takeTurns) return fitBlocks(candidate, seeds, target, transient);
  if (dots.length === 1 && dots[0].op === 'dotGeneral') {
    if (again) return refused('an operand of the contraction would be computed again for every product');
    return fitContract(dots[0], candidate, aligned, usersOf(dots[0], anchors, reads));
  }
  return reduces.length > 0 ? fitRows(anchors, reads, candidate, aligned, target) : fitMap(candidate, aligned);
};

/** at how many places around an element of an anchor a value that is computed there is read, through others that are too */
const mostPlaces = (candidate: Candidate, seeds: ReadonlySet<Node>, anchors: readonly Node[]): number => {
  const once = new Set(anchors), places = new Map<Node, number>(), own = new Set(candidate.seeds.filter((n) => !once.has(n)));
  if (own.size < 2) return 1;
  for (const n of [...candidate.seeds].reverse()) {
    const reads = new Map<Node, number>();
    for (const { node } of seedReads(n, seeds)) if (own.has(node)) reads.set(node, (reads.get(node) ?? 0) + 1);
    for (const [x, count] of reads) places.set(x, Math.max(places.get(x) ?? 1, count * (places.get(n) ?? 1)));
  }
  return Math.max(1, ...places.values());
};

const fitMap = ({ roots }: Candidate, { axes, align: of }: Aligned): Fit => {
  for (const root of roots) {
    if (root.type.shape.length === 0) continue;
    const covered = new Set(of.get(root));
    if (covered.size !== axes.length || of.get(root)?.length !== axes.length) return refused('their results have different shapes');
  }
  return { nest: { kind: 'map', space: axes, align: of } };
};

/** the anchors that need a value, itself among them: also those that read it only through one another */
const usersOf = (value: Node, anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>): ReadonlySet<Node> => {
  const found = new Set([value]);
  for (const n of anchors) if (reads.get(n)?.inside.some((r) => found.has(r.node)) === true) found.add(n);
  return found;
};

/** numbers that need nothing of the contraction are computed before its loops; everything else inside them */
const fitContract = (dot: Node<'dotGeneral'>, { roots }: Candidate, { axes, align: of }: Aligned, users: ReadonlySet<Node>): Fit => {
  const all = of.get(dot) ?? [], rank = dot.type.shape.length;
  if (new Set(all).size !== all.length) return refused('two axes of the contraction run together');
  const result = new Set(all.slice(0, rank));
  for (const root of roots) {
    if (root.type.shape.length === 0 && !users.has(root)) continue;
    const own = (of.get(root) ?? []).slice(0, root.type.shape.length);
    if (own.length !== rank || !own.every((axis) => result.has(axis))) return refused('a value of another shape than the contraction');
  }
  if (axes.length !== all.length) return refused('a value beside the contraction has axes of its own');
  return { nest: { kind: 'contract', dot, space: axes, align: of } };
};

/*
Note [Seeds, anchors, inlined values]
A *seed* is a node worth a kernel of its own; everything else is inlined where it is used. A group is a set of seeds.
Those of its seeds that are stored (*roots*), and its reductions and contractions, are its *anchors*: the loops compute
each exactly once per point of its iteration space. All other seeds of the group are inlined between anchors too, like
views and constants; so alignment is a question about anchors only. An anchor that reads another of its group must do so
where that one is being computed: through broadcasts and permutations of axes, which make axes run together, and through
nothing else.
*/
