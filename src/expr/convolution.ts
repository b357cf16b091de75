import type { DType, Float } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { composite, type Attributes } from './composite.ts';
import { contractable } from './contraction.ts';
import { show, unify } from './dims.ts';
import { define, exprOf, isProblem, typed, type Expr, type Problem } from './expr.ts';
import { dot, reshaped, transposed } from './primitives.ts';
import type * as T from './types/shape.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';
import { perAxis, windowed, windowsAlong, type Along, type PaddingOf } from './windows.ts';

/** Which axis is which: of the input, of the kernel, and of the result. */
export interface ConvolutionDims {
  readonly input: { readonly batch: number; readonly feature: number; readonly spatial: readonly number[] };
  readonly kernel: { readonly input: number; readonly output: number; readonly spatial: readonly number[] };
  readonly output: { readonly batch: number; readonly feature: number; readonly spatial: readonly number[] };
}
export interface ConvolutionOptions {
  /** 1 unless told otherwise; one number for all spatial axes, or one for each */
  readonly strides?: number | readonly number[];
  /** `valid` unless told otherwise; amounts may be negative */
  readonly padding?: PaddingOf;
  /** zeros between the input's elements: 1 is none, 2 a zero between any two (a transposed convolution's stride) */
  readonly inputDilation?: number | readonly number[];
  /** how far apart the input's elements are that a window reads */
  readonly kernelDilation?: number | readonly number[];
  /** the features in so many groups, each with filters of its own; as many as features make it depthwise */
  readonly groups?: number;
  /** the batch in so many groups, each with filters of its own */
  readonly batchGroups?: number;
  /** input and result [batch, …spatial, features] and kernel [...spatial, inputs, outputs] unless told otherwise */
  readonly dims?: ConvolutionDims;
}

const usualDims = (rank: number): ConvolutionDims => {
  const spatial = Array.from({ length: Math.max(0, rank) }, (_, i) => i), data = { batch: 0, feature: rank + 1, spatial: spatial.map((i) => i + 1) };
  return { input: data, output: data, kernel: { input: rank, output: rank + 1, spatial } };
};
/** whether the axes are each of so many once */
const areAll = (axes: readonly number[], rank: number): boolean => axes.length === rank && new Set(axes).size === rank && axes.every((a) => Number.isInteger(a) && a >= 0 && a < rank);

interface Convolved { readonly windows: readonly Along[]; readonly groups: number; readonly batchGroups: number; readonly dims: ConvolutionDims }
const inputOrder = ({ input: { batch, feature, spatial } }: ConvolutionDims): readonly number[] => [batch, ...spatial, feature];
const kernelOrder = ({ kernel: { input, output, spatial } }: ConvolutionDims): readonly number[] => [...spatial, input, output];

const convolvedBy = (op: string, x: Expr, w: Expr, o: ConvolutionOptions): Convolved | Problem => {
  const shapes = [show(x.shape), show(w.shape)], rank = x.shape.length - 2, wrong = contractable(op, x, w);
  if (wrong) return wrong;
  if (rank < 0 || w.shape.length !== rank + 2) return problem('rank', `${op}: an input ${show(x.shape)} needs a kernel of as many axes, but it is ${show(w.shape)}`, { shapes, hint: 'input [batch, ...spatial, features], kernel [...spatial, inputs, outputs]' });
  const dims = o.dims ?? usualDims(rank);
  const outputOrder = [dims.output.batch, ...dims.output.spatial, dims.output.feature];
  if (![inputOrder(dims), kernelOrder(dims), outputOrder].every((order) => areAll(order, rank + 2))) return problem('windows', `${op}: the axes named must be each of the ${rank + 2} axes once`, { shapes });
  const sizes = dims.kernel.spatial.map((axis) => w.shape[axis]), named = sizes.find((d) => typeof d !== 'number');
  if (named !== undefined) return problem('windows', `${op}: the kernel ${show(w.shape)} has the named size ${named}`, { shapes });
  const each = (what: string, value: number | readonly number[] | undefined): readonly number[] | Problem => perAxis(op, what, value ?? 1, rank, 1);
  const strides = each('the strides', o.strides), inputDilation = each("the input's dilation", o.inputDilation), dilations = each("the kernel's dilation", o.kernelDilation);
  for (const list of [strides, inputDilation, dilations]) if (isProblem(list)) return list;
  // SAFETY: the loop has returned the problems
  const [st, lhs, rhs] = [strides, inputDilation, dilations] as readonly (readonly number[])[];
  const windows = windowsAlong(op, x, { axes: dims.input.spatial, sizes: sizes.map(Number), strides: st, dilations: rhs, interiors: lhs.map((n) => n - 1), padding: o.padding ?? 'valid' });
  if (isProblem(windows)) return windows;
  const groups = o.groups ?? 1, batchGroups = o.batchGroups ?? 1;
  return groupsProblem(op, x, w, dims, groups, batchGroups) ?? { windows, groups, batchGroups, dims };
};
const groupsProblem = (op: string, x: Expr, w: Expr, { input, kernel }: ConvolutionDims, groups: number, batchGroups: number): Problem | undefined => {
  const shapes = [show(x.shape), show(w.shape)], features = x.shape[input.feature], taken = w.shape[kernel.input], given = w.shape[kernel.output], batch = x.shape[input.batch];
  const divides = (n: number, d: Dim): boolean => typeof d === 'number' && d % n === 0;
  if (![groups, batchGroups].every((n) => Number.isInteger(n) && n >= 1) || (groups > 1 && batchGroups > 1)) return problem('windows', `${op}: ${groups} groups and ${batchGroups} of the batch: whole numbers from 1 on are wanted, and one of them 1`);
  if (groups === 1 && unify(features, taken) === undefined) return problem('innerSizes', `${op}: input ${show(x.shape)} has ${features} channels, but the filter ${show(w.shape)} takes ${taken}`, { shapes });
  if (groups > 1 && !(divides(groups, features) && divides(groups, given) && Number(features) / groups === taken)) return problem('windows', `${op}: ${features} channels in ${groups} groups do not go with the filter ${show(w.shape)}`, { shapes, hint: `the filter takes ${Number(features) / groups} channels, and gives a multiple of ${groups}` });
  if (batchGroups > 1 && !(divides(batchGroups, batch) && divides(batchGroups, given))) return problem('windows', `${op}: a batch of ${batch} and ${given} filters do not go in ${batchGroups} groups`, { shapes });
  return undefined;
};

/** axis i as two, the first of the given size */
const parted = (at: Origin, x: Expr, axis: number, groups: number): Expr =>
  reshaped(at, x, x.shape.flatMap((d, i) => (i === axis ? [groups, Number(d) / groups] : [d])));
/** the two axes from i on as one */
const joined = (at: Origin, x: Expr, axis: number): Expr =>
  reshaped(at, x, x.shape.flatMap((d, i) => (i === axis ? [Number(d) * Number(x.shape[axis + 1])] : i === axis + 1 ? [] : [d])));
const moved = (at: Origin, x: Expr, from: number, to: number): Expr => {
  const order = x.shape.map((_, i) => i).filter((i) => i !== from);
  return transposed(at, x, [...order.slice(0, to), from, ...order.slice(to)]);
};

/** The sum over windows of the input of their products with the filters, as one contraction: over views, which nothing stores. */
const convolutionOf = (at: Origin, x: Expr, w: Expr, { windows, groups, batchGroups, dims }: Convolved): Expr => {
  const order = inputOrder(dims), rank = windows.length;
  const around = windows.map((along) => ({ ...along, axis: order.indexOf(along.axis) }));
  const { expr, inside } = windowed(at, transposed(at, x, order), around, 0), filters = transposed(at, w, kernelOrder(dims));
  const features = expr.shape.length - 1, within = filters.shape.slice(0, rank + 1).map((_, i) => i);
  /** groups of what lies along an axis, each with filters of its own */
  const grouped = (axis: number, count: number): Expr => {
    const input = parted(at, expr, axis, count), kernel = parted(at, filters, rank + 1, count), contracted = [...inside, features].map((i) => (i < axis ? i : i + 1));
    return joined(at, moved(at, dot(at, input, kernel, { batch: [[axis], [rank + 1]], contract: [contracted, within] }), 0, rank + 1), rank + 1);
  };
  const result = groups > 1 ? grouped(features, groups) : batchGroups > 1 ? grouped(0, batchGroups) : dot(at, expr, filters, { batch: [[], []], contract: [[...inside, features], within] });
  const { output } = dims, places = [output.batch, ...output.spatial, output.feature];
  return transposed(at, result, places.map((_, axis) => places.indexOf(axis)));
};
const attributesOf = ({ windows, groups, batchGroups, dims }: Convolved): Attributes => ({
  strides: windows.map((w) => w.stride), low: windows.map((w) => w.low), high: windows.map((w) => w.high),
  inputDilation: windows.map((w) => w.interior + 1), kernelDilation: windows.map((w) => w.dilation), groups, batchGroups,
  input: inputOrder(dims), kernel: kernelOrder(dims), output: [dims.output.batch, ...dims.output.spatial, dims.output.feature],
});
const convolve = (op: string, x: Tensor<Shape>, w: Tensor<Shape>, options: ConvolutionOptions): never => {
  const input = exprOf(x), kernel = exprOf(w);
  return typed(define([input, kernel], (at) => {
    const by = convolvedBy(op, input, kernel, options);
    if (isProblem(by)) return by;
    return composite('convolution', attributesOf(by), [input, kernel], (a, b) => [convolutionOf(at, a, b, by)])[0];
  }));
};

/**
 * The convolution of the StableHLO specification, over any number of spatial axes: strides, padding, dilations of input
 * and kernel, groups of features or of the batch, and axes in any order. Windows that do not fit are FX1019, channels
 * that differ FX1003.
 * @example convolution(x, w, { strides: 2, padding: 'same' }) // [batch, 28, 28, 1] with [3, 3, 1, 16] → [batch, 14, 14, 16]
 */
export function convolution<D extends DType>(x: Tensor<Shape, D>, w: Tensor<Shape, NoInfer<D>>, options: ConvolutionOptions = {}): Tensor<Dyn, D> {
  return convolve('convolution', x, w, options);
}

/** options of `conv2d` and of pooling over images */
export interface Conv2dOptions<St extends number = number, P extends T.Padding = T.Padding> {
  readonly stride?: St;
  /** `valid` unless told otherwise; a number is that many zeros on every side */
  readonly padding?: P;
}
/**
 * A convolution over images: [n, h, w, in] with filters [kh, kw, in, out] gives [n, h′, w′, out].
 * @example conv2d(x, w, { stride: 2, padding: 'same' })
 */
export function conv2d<X extends Shape, D extends Float, W extends Shape, St extends number = 1, P extends T.Padding = 'valid'>(
  x: Tensor<X, D>, w: Check<T.Conv2d<X, W, St, P>, Tensor<W, NoInfer<D>>>, options: Conv2dOptions<St, P> = {},
): Tensor<Ok<T.Conv2d<X, W, NoInfer<St>, NoInfer<P>>>, D> {
  const { stride, padding } = options;
  // SAFETY: a message as the parameter's type has no values, so that what came in is a tensor
  const kernel = w as Tensor<Shape>, e = exprOf(x);
  if (e.shape.length !== 4 && !e.poisoned) return typed(define([e], () => problem('rank', `conv2d: the input must be [n, h, w, c], but is ${show(e.shape)}`, { shapes: [show(e.shape)] })));
  return convolve('conv2d', x, kernel, { ...(stride !== undefined && { strides: stride }), ...(padding !== undefined && { padding }) });
}
