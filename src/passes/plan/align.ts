import { sameDim, type Dim } from '../../core/dim.ts';
import { invariant } from '../../core/invariant.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { AnchorReads } from './anchors.ts';
import type { Alignment, SpaceAxis } from './plan.ts';
import { iterationShape, pureAxis, valueAxes, type Read } from './seeds.ts';

/** the name of an axis of the space */
export const axisName = (i: number): string => `i${i}`;
export interface Aligned { readonly axes: readonly SpaceAxis[]; readonly align: Alignment }

/** Which axes of the anchors run together. */
export const align = (anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>): Aligned | { readonly refused: string } => {
  const sets = axisSets(anchors);
  for (const n of anchors) for (const read of reads.get(n)?.inside ?? []) {
    const problem = unify(sets, n, read);
    if (problem !== undefined) return { refused: problem };
  }
  // two axes of one anchor never run together
  if (anchors.length > 1) {
    joinByReads(sets, anchors, reads);
    joinByShape(sets, anchors);
  }
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
