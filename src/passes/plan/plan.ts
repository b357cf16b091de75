import type { Graph, Node } from '../../ir/graph/syntax.ts';

/**
 * The plan: which nodes share a kernel and how its loops lie, decided before any loop is written. Data, so that
 * `explain`, overrides and legalisation read and edit it. See Note [Seeds, anchors, inlined values] in fit.ts.
 */
export interface Plan {
  readonly graph: Graph;
  /** in the order in which they run */
  readonly groups: readonly Group[];
  /** nodes that live in memory of their own between kernels */
  readonly stored: ReadonlySet<Node>;
  /** state written in place: result node → the donated parameter whose memory it takes over */
  readonly inPlace: ReadonlyMap<Node, Node<'parameter'>>;
  /** values that lie inside of their padding: the padding's own kernel writes what is around them */
  readonly bordered: ReadonlyMap<Node, Node<'pad'>>;
  /** parameters whose memory the program may overwrite */
  readonly donated: ReadonlySet<Node>;
  /** of what runs graphs the graphs that it names, planned */
  readonly bodies: ReadonlyMap<Node, readonly Plan[]>;
  /** the results of the program, each a stored node; a result that was a view or a parameter has a copy */
  readonly results: readonly Node[];
}

export interface Group {
  readonly id: number;
  /** the nodes this kernel computes, inlined ones included, inputs before users */
  readonly members: readonly Node[];
  /** the members that others read: what the kernel stores */
  readonly roots: readonly Node[];
  readonly nest: Nest;
  readonly why: readonly Reason[];
}

/** Why a group is as it is: a rule that merged it, or one that was refused, and what it would have gained. */
export interface Reason {
  readonly rule: MergeRule;
  readonly between: readonly [producer: string, consumer: string];
  readonly outcome: 'merged' | 'refused';
  readonly because: string;
  /** bytes of memory traffic saved */
  readonly gain: number;
  /** of a merge: the rule of one's own that asked for it */
  readonly asked?: string;
}
export type MergeRule = 'inline' | 'epilogue' | 'rows' | 'stream' | 'siblings';

/** An axis of a group: the (node, axis) pairs that run together. */
export interface SpaceAxis { readonly name: string; readonly size: import('../../core/dim.ts').Dim }

/**
 * How a group's loops lie.
 * - `map`: one loop per axis of the space, every root stored in the innermost.
 * - `rows`: loops over `rows`; inside, sweeps over `cols`, each folding the reductions whose inputs are ready;
 *   reductions over the rows themselves accumulate across them and are finished after the last row. What later sweeps need
 *   again is held in scratch.
 * - `contract`: a contraction with everything after it as an epilogue.
 * - `blocks`: rows in blocks; in each, contractions and sweeps over columns in turns, what is wide between them in scratch.
 * - `update`: parts of a value, one after the other, in memory that holds the rest of it already.
 * - `control`: a loop of kernels, or one of several lots of them, those of its graphs' own plans.
 * - `scatter`: a copy of the operand, then one fold for each update.
 * - `sort`: a merge sort of each row, in scratch; where there is none, each element of the order is searched for.
 */
export type Nest =
  | { readonly kind: 'map'; readonly space: readonly SpaceAxis[]; readonly align: Alignment }
  | { readonly kind: 'rows'; readonly rows: readonly SpaceAxis[]; readonly cols: readonly SpaceAxis[]; readonly align: Alignment; readonly phases: ReadonlyMap<Node, Phase>; readonly held: readonly Held[] }
  | { readonly kind: 'contract'; readonly dot: Node<'dotGeneral'>; readonly space: readonly SpaceAxis[]; readonly align: Alignment }
  | Blocks
  | { readonly kind: 'update'; readonly parts: readonly Node<'dynamicUpdateSlice'>[] }
  | { readonly kind: 'control'; readonly node: Node<'scan' | 'while' | 'case'> }
  | { readonly kind: 'scatter'; readonly node: Node<'scatter'> }
  | { readonly kind: 'sort'; readonly node: Node<'argsort'> };

/** the kernel that a group is */
export const kernelName = ({ nest, id }: Group): string => `${nest.kind === 'control' ? nest.node.op : nest.kind}_${id}`;
/** before the names of kernels of a graph that a group runs */
export const bodyPrefix = (prefix: string, group: Group, i: number, count: number): string => `${prefix}${kernelName(group)}_${count === 1 ? '' : `${'abcdefghijklmnopqrstuvwxyz'[i] ?? `z${i}`}_`}`;
/** Every group with its kernel's name, those of graphs that are run in the place of what runs them. */
export const kernelsOf = (plan: Plan, prefix = ''): readonly { readonly name: string; readonly group: Group; readonly plan: Plan }[] => plan.groups.flatMap((group) => {
  const bodies = group.nest.kind === 'control' ? plan.bodies.get(group.nest.node) : undefined;
  return bodies === undefined ? [{ name: `${prefix}${kernelName(group)}`, group, plan }] : bodies.flatMap((body, i) => kernelsOf(body, bodyPrefix(prefix, group, i, bodies.length)));
});

/** A value of every column that stays in scratch from one sweep of a row to later ones; a slot is taken by one after the other. */
export interface Held {
  readonly node: Node;
  /** the axis of the space that each of its axes is; none where its size is 1 */
  readonly axes: readonly (number | undefined)[];
  /** in which it is computed */
  readonly sweep: number;
  readonly slot: number;
}

export interface Blocks {
  readonly kind: 'blocks';
  readonly space: readonly SpaceAxis[];
  readonly align: Alignment;
  /** the axes of the space that every row has, from outside in; the last is taken in blocks of so many rows */
  readonly rows: readonly number[];
  readonly block: number;
  /** one after the other for each block of rows */
  readonly parts: readonly Part[];
  /** where a row is too long for scratch: the axis whose columns the streamed parts take in blocks, and which reductions and
   * contractions over it are rescaled, or moved, whenever the reduction that they are relative to grows. See Note [Rescaling] in stream.ts */
  readonly stream?: { readonly axis: number; readonly block: number; readonly rescaled: ReadonlyMap<Node, Node>; readonly centred: ReadonlyMap<Node, Node> };
  /** how far along an axis a block of rows needs its columns, where a mask leaves out the others */
  readonly reach?: Reach;
  readonly slots: readonly Slot[];
  /** contractions over the rows themselves, and the stored value of the same shape in whose memory they are summed */
  readonly across: ReadonlyMap<Node, Node>;
}
/** Of the axis, the columns whose place is at most `by` beyond that of the block's last row. See reach.ts */
export interface Reach { readonly axis: number; readonly by: number }
/** Pieces, and in which slot what of them is read later stays. A streamed part runs once for each block of columns. */
export interface Part { readonly streamed: boolean; readonly pieces: readonly Piece[]; readonly kept: ReadonlyMap<Node, number> }
/** `stores`: elementwise values that are computed there, to be stored or kept. */
export type Piece =
  | { readonly at: 'contract'; readonly dot: Node<'dotGeneral'>; readonly stores: readonly Node[] }
  | { readonly at: 'sweep'; readonly cols: readonly number[]; readonly folds: readonly Node<'reduce'>[]; readonly stores: readonly Node[] };
/** Scratch for a block of rows over some columns. */
export interface Slot { readonly dtype: import('../../core/dtype.ts').DType; readonly cols: readonly number[] }

/** Which axis of the space each iteration axis of an anchor is (iteration axes of a reduction: its operand's). */
export type Alignment = ReadonlyMap<Node, readonly number[]>;

/** When an anchor of a rows nest is computed: in which sweep of a row, or after the last row. */
export type Phase =
  /** folded, or stored, in the given sweep over the columns */
  | { readonly at: 'sweep'; readonly sweep: number }
  /** a value of the row, ready after the given number of sweeps */
  | { readonly at: 'row'; readonly sweep: number }
  /** folded across the rows: in the given sweep (over columns too) or once a row */
  | { readonly at: 'across'; readonly sweep: number; readonly inner: boolean }
  /** after the last row */
  | { readonly at: 'end' };
