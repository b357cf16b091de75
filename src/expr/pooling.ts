import { isFloat, type DType, type Float } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { identityIn, monoidRow } from '../ir/monoids.ts';
import { problem } from './codes.ts';
import { composite } from './composite.ts';
import type { Conv2dOptions } from './convolution.ts';
import { show } from './dims.ts';
import { define, exprOf, isProblem, typed, typeOf, type Expr } from './expr.ts';
import { map, reduced } from './primitives.ts';
import { inFloats } from './reduction.ts';
import type * as T from './types/shape.ts';
import type { Dyn, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';
import { sized } from './sized.ts';
import { countedShape, countsAlong, perAxis, vectorAlong, windowed, windowsAlong, type Along, type PaddingOf, type Wanted } from './windows.ts';

export type WindowReduction = 'max' | 'min' | 'sum' | 'prod' | 'mean';
export interface ReduceWindowOptions {
  /** how many elements of each axis a window holds */
  readonly size: readonly number[];
  /** 1 unless told otherwise */
  readonly strides?: number | readonly number[];
  /** how far apart they are */
  readonly dilations?: number | readonly number[];
  /** `valid` unless told otherwise. What is added is no element: it changes no maximum, no sum and no mean */
  readonly padding?: PaddingOf;
}

const monoidOf = { max: 'max', min: 'min', sum: 'add', prod: 'mul', mean: 'add' } as const;
const reducedBy = (at: Origin, by: WindowReduction, x: Expr, windows: readonly Along[]): Expr => {
  const monoid = monoidOf[by], [identity] = monoidRow(monoid).identity, { expr, inside } = windowed(at, x, windows, identityIn(x.dtype, identity)), made = reduced(at, monoid, expr, inside);
  if (by !== 'mean') return made;
  const counts = windows.map((w) => vectorAlong(at, countsAlong(w, Number(x.shape[w.axis])), x.dtype, made.shape, w.axis));
  return counts.length === 0 ? made : map(at, 'div', [made, counts.reduce((n, each) => map(at, 'mul', [n, each]))]);
};
const pooled = (op: string, by: WindowReduction, x: Tensor<Shape>, { size, strides = 1, dilations = 1, padding = 'valid' }: ReduceWindowOptions): never => {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    if (!Object.hasOwn(monoidOf, by)) return problem('value', `${op}: there is no reduction '${by}'`, { hint: `the reductions are ${Object.keys(monoidOf).join(', ')}` });
    if (e.dtype === 'bool' || (by === 'mean' && !isFloat(e.dtype))) return problem('notTaken', `${op}: does not take ${e.dtype}`, { hint: "convert(x, 'f32')" });
    const rank = e.shape.length, sizes = perAxis(op, 'the window', size, rank, 1), steps = perAxis(op, 'the strides', strides, rank, 1), apart = perAxis(op, 'the dilations', dilations, rank, 1);
    if (isProblem(sizes)) return sizes;
    if (isProblem(steps)) return steps;
    if (isProblem(apart)) return apart;
    // an axis whose windows are its elements has no windows: so a batch may be named
    const axes = e.shape.flatMap((_, i) => (sizes[i] === 1 && steps[i] === 1 && (typeof padding !== 'object' || padding[i]?.every((n) => n === 0) === true) ? [] : [i]));
    const pick = (of: readonly number[]): readonly number[] => axes.map((i) => of[i]);
    if (typeof padding === 'object' && padding.length !== rank) return problem('windows', `${op}: the padding names ${padding.length} axes, but there are ${rank}`);
    const wanted: Wanted = { axes, sizes: pick(sizes), strides: pick(steps), dilations: pick(apart), interiors: axes.map(() => 0), padding: typeof padding === 'object' ? axes.map((i) => padding[i]) : padding };
    return sized(at, op, [e], axes, typeOf(e.dtype, countedShape(e, wanted)), (here, inputs) => {
      const windows = windowsAlong(op, inputs[0], wanted);
      if (isProblem(windows)) return windows;
      const attributes = { by, axes, size: pick(sizes), strides: pick(steps), dilations: pick(apart), low: windows.map((w) => w.low), high: windows.map((w) => w.high) };
      return composite('reduceWindow', attributes, inputs, (v) => [inFloats(here, v, (w) => reducedBy(here, by, w, windows))])[0];
    });
  }));
};

/**
 * The elements of each window taken together (StableHLO's reduce_window); `mean` divides by the elements that are there.
 * Of equal largest or smallest elements the first has the derivative. Windows that do not fit are FX1019.
 * @example reduceWindow(x, 'max', { size: [1, 2, 2, 1], strides: [1, 2, 2, 1] })
 */
export function reduceWindow<D extends DType>(x: Tensor<Shape, D>, by: WindowReduction, options: ReduceWindowOptions): Tensor<Dyn, D> {
  return pooled('reduceWindow', by, x, options);
}

const overImages = (op: string, by: WindowReduction) => (x: unknown, size: number, { stride, padding = 'valid' }: Conv2dOptions = {}): never => {
  // SAFETY: a message as the parameter's type has no values, so that what came in is a tensor
  const image = x as Tensor<Shape>, e = exprOf(image);
  if (e.shape.length !== 4 && !e.poisoned) return typed(define([e], () => problem('rank', `${op}: the input must be [n, h, w, c], but is ${show(e.shape)}`, { shapes: [show(e.shape)] })));
  const step = stride ?? size, around = typeof padding === 'number' ? [[0, 0], [padding, padding], [padding, padding], [0, 0]] as const : padding;
  return pooled(op, by, image, { size: [1, size, size, 1], strides: [1, step, step, 1], padding: around });
};
type Pooling<Op extends string> = <X extends Shape, D extends Float, K extends number, St extends number = K, P extends T.Padding = 'valid'>(
  x: Check<T.Pool<X, K, St, P, Op>, Tensor<X, D>>, size: K, options?: Conv2dOptions<St, P>) => Tensor<Ok<T.Pool<X, NoInfer<K>, NoInfer<St>, NoInfer<P>, Op>>, D>;
/** The largest of each window of an image, [n, h, w, c]; the stride is the window's size unless told otherwise. @example maxPool(x, 2) */
export const maxPool: Pooling<'maxPool'> = overImages('maxPool', 'max');
/** The mean of each window of an image over the elements that are there. @example avgPool(x, 2, { stride: 1, padding: 'same' }) */
export const avgPool: Pooling<'avgPool'> = overImages('avgPool', 'mean');
