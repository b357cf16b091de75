import type { Dims, TensorType } from '../../core/dim.ts';
import type { DType, Half, TypedArray } from '../../core/dtype.ts';
import type { Origin } from '../../core/origin.ts';
import type { MonoidName } from '../monoids.ts';
import type { ScalarOp } from '../scalars.ts';

/**
 * The graph IR: static single assignment over whole tensors. A module is a set of named graphs, one of them `main`.
 * Names and meaning follow the StableHLO specification where it has them.
 *
 * A node *is* its value. A node with several results (`results.length > 1`, or 0) is read through `get` nodes only;
 * a node with one result is used directly.
 */
export interface Attrs {
  /** the index-th parameter of the named graph */
  readonly parameter: { readonly graph: string; readonly index: number; readonly name: string; readonly type: TensorType };
  /** one number for every element, or all the elements in row-major order */
  readonly constant: { readonly type: TensorType; readonly value: number | TypedArray };
  readonly iota: { readonly type: TensorType; readonly axis: number };
  /** all elementwise mathematics; the operands have one shape. `dtype` is that of the result. */
  readonly map: { readonly fn: ScalarOp; readonly dtype: DType };
  /** operand axis i becomes result axis dims[i] (increasing); an operand axis of size 1 is repeated */
  readonly broadcastInDim: { readonly shape: Dims; readonly dims: readonly number[] };
  readonly reshape: { readonly shape: Dims };
  /** result axis i is operand axis perm[i] */
  readonly transpose: { readonly perm: readonly number[] };
  /** a symbolic axis is taken whole: start 0, limit -1 standing for its size, stride 1 */
  readonly slice: { readonly starts: readonly number[]; readonly limits: readonly number[]; readonly strides: readonly number[] };
  /** operands: x, the padding value (scalar). low and high may be negative; interior ≥ 0 elements go between neighbours */
  readonly pad: { readonly low: readonly number[]; readonly high: readonly number[]; readonly interior: readonly number[] };
  readonly reverse: { readonly axes: readonly number[] };
  readonly concatenate: { readonly axis: number };
  /** the operand's axis becomes two, [… o, k …]: its element o·stride + k·dilation, for all o at which every k lies inside */
  readonly window: Windows & { readonly size: number };
  /** the transpose of `window`: axes `axis` and `axis + 1`, o and k, become one of `length`, the sums of what lies at o·stride + k·dilation */
  readonly overlapAdd: Windows & { readonly length: number };
  /** result axes: batch, then the left's free axes, then the right's */
  readonly dotGeneral: DotDims;
  /** over one or several operands of one shape (one result each), the axes dropped */
  readonly reduce: { readonly monoid: MonoidName; readonly axes: readonly number[] };
  /** operands: table [n, …rest], indices [...i]; result [...i, …rest]; an index out of range is clamped */
  readonly gather: Record<never, never>;
  /**
   * operands: x [n, …rest], indices [...i], updates [...i, …rest]; an index out of range is dropped. `set` is no monoid: of
   * several updates of one row, the last in row-major order of the indices stays.
   */
  readonly scatter: { readonly monoid: 'add' | 'max' | 'min' | 'mul' | 'set' };
  /** operands: x, one i32 scalar start for each axis, clamped so that the part fits; a symbolic axis is taken whole: size -1 */
  readonly dynamicSlice: { readonly sizes: readonly number[] };
  /** operands: x, update, the same starts; x with the update in the place of a part */
  readonly dynamicUpdateSlice: Record<never, never>;
  /**
   * operands: keys of one shape; i32 of that shape: along the axis, the places of the elements in their order, by the first key
   * that tells two apart. Stable, also descending: equal keys (0 and -0 are) in the order of their places. NaN stands last
   */
  readonly argsort: { readonly axis: number; readonly descending: boolean };
  /** i32 scalar */
  readonly getDimensionSize: { readonly axis: number };
  /** the index-th result of a node with several */
  readonly get: { readonly index: number };
  readonly call: { readonly graph: string };
  /**
   * A graph run `length` times: (…carries, …slices, …others) → (…carries, …stacked). Operands: the first carries; tensors
   * [length, …] of which each run reads one row; and what all runs share. Results: the last carries, and [length, …] of what
   * each run gave beside them. `reverse`: from the last row to the first. `save`: what reverse mode keeps
   * of each run beside the carries that it began with.
   */
  readonly scan: { readonly graph: string; readonly carries: number; readonly slices: number; readonly length: number; readonly reverse: boolean; readonly save?: 'contractions' };
  /** graphs (…carries, …others) → (bool) and → (…carries): the second runs while the first holds. Operands: the carries, and what all runs share */
  readonly while: { readonly test: string; readonly body: string; readonly carries: number };
  /** operands: an i32 scalar, then those of every branch; the branch of that number runs, the last where there is none */
  readonly case: { readonly branches: readonly string[] };
  /**
   * A named operation with its meaning as a graph. `vjp`: a graph (…inputs, …results, …cotangents) → one cotangent for
   * each float input. `jvp`: (…inputs, …tangents of float inputs) → (…results, …tangents of float results).
   */
  readonly composite: {
    readonly name: string;
    readonly attributes: { readonly [key: string]: number | string | boolean | readonly number[] };
    readonly body: string; readonly vjp?: string; readonly jvp?: string;
  };
  /** a graph transformed, not yet expanded */
  readonly transform: Derivative | Mapping | Storage;
}

export interface Windows { readonly axis: number; readonly stride: number; readonly dilation: number }
/** how many windows of so many elements an axis has */
export const windowCount = (length: number, size: number, { stride, dilation }: Windows): number =>
  Math.max(0, Math.floor((length - (size - 1) * dilation - 1) / stride) + 1);

/**
 * A derivative of a named graph; `wrt` lists its float inputs differentiated for.
 * vjp: (…inputs, …cotangents of float results) → (…results, …cotangents of wrt).
 * jvp: (…inputs, …tangents of wrt) → (…results, …tangents of float results).
 */
export interface Derivative { readonly kind: 'vjp' | 'jvp'; readonly graph: string; readonly wrt: readonly number[] }
/**
 * A named graph over many examples at once: along `axes[i]` the i-th input holds one for each, or (null) it is the same for
 * all. Every result has a new axis 0, along which the examples' results stand.
 */
export interface Mapping { readonly kind: 'vmap'; readonly graph: string; readonly axes: readonly (number | null)[] }

/** A named graph whose f32 tensors, but for arguments and results, lie in memory as halves; scalars do not. */
export interface Storage { readonly kind: 'store'; readonly graph: string; readonly dtype: Half }

export interface DotDims {
  readonly batch: readonly [left: readonly number[], right: readonly number[]];
  readonly contract: readonly [left: readonly number[], right: readonly number[]];
}

export type OpName = keyof Attrs;
type NodeOf<K extends OpName> = {
  readonly op: K;
  readonly attrs: Attrs[K];
  readonly inputs: readonly Node[];
  /** the type of the first result */
  readonly type: TensorType;
  readonly results: readonly TensorType[];
  /** increasing along the order of construction: an input's id is smaller than its user's. Never printed. */
  readonly id: number;
  /** rematerialisation's mark: a copy that must not be merged with its original */
  readonly clone: number;
  readonly origins: readonly Origin[];
};
/** A node; `Node<'map'>` one of that operation. */
export type Node<K extends OpName = OpName> = { readonly [P in K]: NodeOf<P> }[K];

export interface Graph {
  readonly name: string;
  readonly params: readonly Node<'parameter'>[];
  readonly results: readonly Node[];
}
export interface Module {
  readonly main: string;
  readonly graphs: ReadonlyMap<string, Graph>;
}
