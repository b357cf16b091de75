import type { Dims, TensorType } from '../../core/dim.ts';
import type { DType, TypedArray } from '../../core/dtype.ts';
import type { Origin } from '../../core/origin.ts';
import type { MonoidName } from '../monoids.ts';
import type { ScalarOp } from '../scalars.ts';
import type { Attrs, DotDims, Graph, Module, Node, OpName } from './syntax.ts';

export interface NodeExtra {
  readonly origins?: readonly Origin[];
  readonly clone?: number;
  /** what the operation gives, where that is known already */
  readonly results?: readonly TensorType[];
}
/** Makes the nodes of one module, each distinct one once. Ill-typed use is a bug of the caller: it throws InternalError. */
export interface Builder {
  /** the one way to make a node; types are inferred by the type rules, equal nodes are one */
  node<K extends OpName>(op: K, attrs: Attrs[K], inputs: readonly Node[], extra?: NodeExtra): Node<K>;

  parameter(graph: string, index: number, name: string, type: TensorType): Node<'parameter'>;
  constant(type: TensorType, value: number | TypedArray): Node;
  /** a number as a tensor of x's dtype and shape (symbolic axes included) */
  like(x: Node, value: number): Node;
  iota(type: TensorType, axis: number): Node;
  /** operands of one shape; `dtype` only for convert */
  map(fn: ScalarOp, inputs: readonly Node[], dtype?: DType): Node;
  convert(x: Node, dtype: DType): Node;
  broadcastInDim(x: Node, shape: Dims, dims: readonly number[]): Node;
  /** puts back axes that a reduction dropped: the reverse of dropping `axes` from `shape` */
  expand(x: Node, shape: Dims, axes: readonly number[]): Node;
  reshape(x: Node, shape: Dims): Node;
  transpose(x: Node, perm: readonly number[]): Node;
  slice(x: Node, starts: readonly number[], limits: readonly number[], strides?: readonly number[]): Node;
  pad(x: Node, value: Node, low: readonly number[], high: readonly number[], interior?: readonly number[]): Node;
  reverse(x: Node, axes: readonly number[]): Node;
  concatenate(xs: readonly Node[], axis: number): Node;
  window(x: Node, attrs: Attrs['window']): Node;
  overlapAdd(y: Node, attrs: Attrs['overlapAdd']): Node;
  dotGeneral(a: Node, b: Node, dims: DotDims): Node;
  /** one operand */
  reduce(monoid: MonoidName, x: Node, axes: readonly number[]): Node;
  gather(table: Node, indices: Node): Node;
  scatter(monoid: Attrs['scatter']['monoid'], x: Node, indices: Node, updates: Node): Node;
  dynamicSlice(x: Node, starts: readonly Node[], sizes: readonly number[]): Node;
  dynamicUpdateSlice(x: Node, update: Node, starts: readonly Node[]): Node;
  argsort(keys: readonly Node[], axis: number, descending?: boolean): Node;
  getDimensionSize(x: Node, axis: number): Node;
  get(x: Node, index: number): Node;
  /** all results of a node as values: itself if it has one */
  resultsOf(x: Node): readonly Node[];
  call(graph: string, inputs: readonly Node[]): Node;

  /** the graphs of the module so far; a graph must be added before a node names it */
  addGraph(graph: Graph): void;
  graph(name: string): Graph;
  /** a graph name not used yet: base, base_1, … */
  freshName(base: string): string;
  finish(main: string): Module;
}
