import { sameDim, type Dim } from '../../core/dim.ts';
import { invariant } from '../../core/invariant.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { fitRows } from './fitRows.ts';
import type { Alignment, Nest, SpaceAxis } from './plan.ts';
import { iterationShape, pureAxis, readsOf, valueAxes, type Read } from './seeds.ts';

/**
 * Whether a set of seeds can be one kernel, and how its loops would then lie.
 *
 * See Note [Seeds, anchors, inlined values].
 */
export type Fit = { readonly nest: Nest } | { readonly refused: string };
const refused = (because: string): Fit => ({ refused: because });

/** The seeds of a group, inputs before users, and those of them that are stored. */
export interface Candidate { readonly seeds: readonly Node[]; readonly roots: ReadonlySet<Node> }

/** the seeds that the loops compute once for each point: those that are stored, and those that fold */
export const anchorsOf = ({ seeds, roots }: Candidate): readonly Node[] =>
  seeds.filter((n) => roots.has(n) || n.op === 'reduce' || n.op === 'dotGeneral' || n.op === 'scatter');

/** Reads of an anchor: of other anchors (`inside`), or of memory. */
export interface AnchorReads { readonly inside: readonly Read[]; readonly outside: readonly Read[] }
const anchorReads = (candidate: Candidate, seeds: ReadonlySet<Node>): ReadonlyMap<Node, AnchorReads> => {
  const anchors = new Set(anchorsOf(candidate)), members = new Set(candidate.seeds);
  return new Map([...anchors].map((n) => {
    const reads = readsOf(n, (x) => anchors.has(x) || (seeds.has(x) && !members.has(x)));
    return [n, { inside: reads.filter((r) => anchors.has(r.node)), outside: reads.filter((r) => !anchors.has(r.node)) }];
  }));
};

/** Fits a candidate; `seeds` are those of the whole plan, values of other groups among them. */
export const fit = (candidate: Candidate, seeds: ReadonlySet<Node>, target: Target): Fit => {
  const anchors = anchorsOf(candidate);
  const scatter = anchors.find((n) => n.op === 'scatter');
  if (scatter?.op === 'scatter') return candidate.seeds.length === 1 ? { nest: { kind: 'scatter', node: scatter } } : refused('a scatter stands alone');
  if (target.shape === 'flat' && candidate.roots.size > 1) return refused('a kernel has one output here');
  const reads = anchorReads(candidate, seeds);
  const aligned = align(anchors, reads);
  if ('refused' in aligned) return aligned;
  const inputs = new Set([...reads.values()].flatMap((r) => r.outside.map((x) => x.node)));
  if (inputs.size + candidate.roots.size > target.maxBuffers) return refused(`more than ${target.maxBuffers} buffers`);
  const dots = anchors.filter((n) => n.op === 'dotGeneral');
  const reduces = anchors.filter((n) => n.op === 'reduce');
  if (dots.length > 1) return refused('two contractions');
  if (dots.length === 1 && reduces.length > 0) return refused('a reduction beside a contraction');
  if (dots.length === 1 && dots[0].op === 'dotGeneral') {
    const members = new Set(candidate.seeds);
    const again = readsOf(dots[0], (x) => seeds.has(x)).some((r) => members.has(r.node));
    if (again) return refused('an operand of the contraction would be computed again for every product');
    return fitContract(dots[0], candidate, aligned, usersOf(dots[0], anchors, reads));
  }
  return reduces.length > 0 ? fitRows(anchors, reads, candidate, aligned, target) : fitMap(candidate, aligned);
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

// ── which axes run together

/** the name of an axis of the space */
export const axisName = (i: number): string => `i${i}`;
export interface Aligned { readonly axes: readonly SpaceAxis[]; readonly align: Alignment }

const align = (anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>): Aligned | { readonly refused: string } => {
  const sets = axisSets(anchors);
  for (const n of anchors) for (const read of reads.get(n)?.inside ?? []) {
    const problem = unify(sets, n, read);
    if (problem !== undefined) return { refused: problem };
  }
  joinByReads(sets, anchors, reads);
  joinByShape(sets, anchors);
  return classes(sets, anchors);
};

interface AxisSets { readonly parent: number[]; readonly first: ReadonlyMap<Node, number> }
const axisSets = (anchors: readonly Node[]): AxisSets => {
  const first = new Map<Node, number>();
  let count = 0;
  for (const n of anchors) { first.set(n, count); count += iterationShape(n).length; }
  return { parent: Array.from({ length: count }, (_, i) => i), first };
};
const find = ({ parent }: AxisSets, i: number): number => {
  while (parent[i] !== i) i = parent[i] = parent[parent[i]];
  return i;
};
const setOf = (sets: AxisSets, n: Node, axis: number): number => {
  const first = sets.first.get(n);
  invariant(first !== undefined, 'only anchors have axes that run together');
  return find(sets, first + axis);
};
const join = (sets: AxisSets, n: Node, axis: number, m: Node, other: number): void => { sets.parent[setOf(sets, n, axis)] = setOf(sets, m, other); };

const unify = (sets: AxisSets, n: Node, { node, at, guarded }: Read): string | undefined => {
  if (guarded) return 'a value is read through padding';
  const axes = valueAxes(node);
  for (const [j, index] of at.entries()) {
    const axis = pureAxis(index);
    if (axis !== undefined) join(sets, n, axis, node, axes[j]);
    else if (node.type.shape[j] !== 1) return 'a value is read at another place than where it is computed';
  }
  return undefined;
};

/** anchors that read the same element of something in memory run together where they do */
const joinByReads = (sets: AxisSets, anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>): void => {
  const readers = new Map<string, { readonly anchor: Node; readonly axis: number }>();
  for (const anchor of anchors) for (const read of reads.get(anchor)?.outside ?? []) for (const [j, index] of read.at.entries()) {
    const axis = pureAxis(index), key = `${read.node.id}.${j}`, first = readers.get(key);
    if (axis === undefined) continue;
    if (first === undefined) readers.set(key, { anchor, axis });
    else joinIfApart(sets, anchors, anchor, axis, first.anchor, first.axis);
  }
};
/** anchors of the same shape run together axis by axis */
const joinByShape = (sets: AxisSets, anchors: readonly Node[]): void => {
  const lead = anchors.reduce((a, b) => (iterationShape(b).length > iterationShape(a).length ? b : a));
  const whole = iterationShape(lead);
  for (const n of anchors) {
    const shape = iterationShape(n);
    if (shape.length === whole.length && shape.every((d, i) => sameDim(d, whole[i]))) shape.forEach((_, i) => joinIfApart(sets, anchors, n, i, lead, i));
  }
};
/** joins two axes of one size, unless two axes of one anchor would then run together */
const joinIfApart = (sets: AxisSets, anchors: readonly Node[], n: Node, axis: number, m: Node, other: number): void => {
  if (!sameDim(iterationShape(n)[axis], iterationShape(m)[other])) return;
  const a = setOf(sets, n, axis), b = setOf(sets, m, other);
  if (a === b) return;
  const both = anchors.some((x) => {
    const own = iterationShape(x).map((_, i) => setOf(sets, x, i));
    return own.includes(a) && own.includes(b);
  });
  if (!both) join(sets, n, axis, m, other);
};

const classes = (sets: AxisSets, anchors: readonly Node[]): Aligned | { readonly refused: string } => {
  const number = new Map<number, number>(), sizes: Dim[] = [], of = new Map<Node, readonly number[]>();
  const deepestFirst = [...anchors].sort((a, b) => iterationShape(b).length - iterationShape(a).length);
  for (const n of deepestFirst) {
    const own = iterationShape(n).map((size, i) => {
      const root = setOf(sets, n, i);
      const known = number.get(root);
      if (known === undefined) { number.set(root, sizes.length); sizes.push(size); return sizes.length - 1; }
      return sameDim(sizes[known], size) ? known : -1;
    });
    if (own.includes(-1)) return { refused: 'axes of different sizes would run together' };
    of.set(n, own);
  }
  return { axes: sizes.map((size, i) => ({ name: axisName(i), size })), align: of };
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
