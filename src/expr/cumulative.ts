import { isFloat, type DType, type Float } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { identityIn } from '../ir/monoids.ts';
import { problem } from './codes.ts';
import { composite } from './composite.ts';
import { define, exprOf, make, typed, type Expr } from './expr.ts';
import { concatenated, filled, map, scalar, sliced } from './primitives.ts';
import { inFloats, isIndex, oneAxis } from './reduction.ts';
import { sized } from './sized.ts';
import type * as T from './types/shape.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Check, Tensor } from './types/tensor.ts';

export interface CumulativeOptions {
  /** from the end on */
  readonly reverse?: boolean;
  /** without the element itself: the first is the function of nothing */
  readonly exclusive?: boolean;
}
/** along one axis, the last by default; the shape stays */
type Cumulative<Op extends string, In extends DType = DType> =
  <A extends Shape, D extends In, X extends Dim = -1>(x: Tensor<A, D>, axis?: Check<T.Reduce<A, X, false, Op>, X>, options?: CumulativeOptions) => Tensor<A, D>;

/** the axis and the way along it */
interface Way { readonly at: Origin; readonly axis: number; readonly n: number; readonly back: boolean }
/** the elements `by` places before, and what comes in at the end for those that have none */
const shifted = ({ at, axis, back }: Way, x: Expr, by: number, fill: number): Expr => {
  const along = (amount: number): readonly number[] => x.shape.map((_, i) => (i === axis ? amount : 0)), low = back ? -by : by;
  return make(at, 'pad', { low: along(low), high: along(0 - low), interior: along(0) }, [x, scalar(at, fill, x.dtype)], [x.type]);
};
/** the same, but an element that has none before it stands for that itself */
const overItself = ({ at, axis, n, back }: Way, x: Expr, by: number): Expr => {
  const part = (from: number, to: number): Expr => sliced(at, x, axis, from, to, 1, to - from);
  return concatenated(at, back ? [part(by, n), part(n - by, n)] : [part(0, by), part(0, n - by)], axis, n);
};
/** By doubling (Hillis and Steele 1986): what reaches over 1, 2, 4, … elements, from that and itself so far before. */
const doubling = <S>(way: Way, first: S, step: (state: S, by: number) => S): S => {
  let state = first;
  for (let by = 1; by < way.n; by *= 2) state = step(state, by);
  return state;
};

interface Law { readonly floats?: true; readonly identity: number; readonly body: (way: Way, x: Expr) => Expr }
const folded = (fn: 'add' | 'mul', identity: number): Law => ({ identity, body: (way, x) => doubling(way, x, (s, by) => map(way.at, fn, [s, shifted(way, s, by, identity)])) });
/** of equals the second operand has the slope: the one that came before */
const extreme = (fn: 'max' | 'min', identity: number): Law => ({ identity, body: (way, x) => doubling(way, x, (s, by) => map(way.at, fn, [s, overItself(way, s, by)])) });

/** Sums of exponentials, each relative to the largest that it reaches over. */
const logSumExps = (way: Way, x: Expr): Expr => {
  const { at } = way, like = (value: number): Expr => filled(at, value, x.type);
  const finite = (m: Expr): Expr => map(at, 'select', [map(at, 'eq', [map(at, 'abs', [m]), like(Infinity)]), like(0), m]);
  const relative = (m: Expr, to: Expr): Expr => map(at, 'exp', [map(at, 'sub', [m, to])]);
  const own = map(at, 'stopGradient', [x]);
  const { top, total } = doubling(way, { top: own, total: relative(x, finite(own)) }, (s, by) => {
    const before = shifted(way, s.top, by, -Infinity), next = map(at, 'max', [s.top, before]), base = finite(next);
    const parts = [[s.total, s.top], [shifted(way, s.total, by, 0), before]].map(([sum, m]) => map(at, 'mul', [sum, relative(m, base)]));
    return { top: next, total: map(at, 'add', parts) };
  });
  return map(at, 'add', [map(at, 'log', [total]), finite(top)]);
};

const cumulative = (name: string, { floats, identity, body }: Law) => (x: Tensor, axis: unknown = -1, { reverse = false, exclusive = false }: CumulativeOptions = {}): never => {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    // SAFETY: the type takes a number or a name
    const place = oneAxis(name, e, axis as Dim);
    if (!isIndex(place)) return place;
    if (floats ? !isFloat(e.dtype) : e.dtype === 'bool') return problem('notTaken', `${name}: does not take ${e.dtype}`, { hint: "convert(x, 'f32')" });
    return sized(at, name, [e], [place], e.type, (here, inputs) => {
      const way: Way = { at: here, axis: place, n: Number(inputs[0].shape[place]), back: reverse };
      return composite(name, { axis: place, reverse, exclusive }, inputs, (v) => [inFloats(here, v, (w) => {
        const all = body(way, w);
        return exclusive ? shifted(way, all, 1, identityIn(w.dtype, identity)) : all;
      })])[0];
    });
  }));
};

/*
 * Each is log₂ n element-wise steps over x: n·log₂ n operations, all along the other axes and the axis itself at once, and
 * sums as accurate as pairwise ones. Their derivatives are such functions again; they keep the log₂ n steps, not n².
 */
/**
 * The sums of the elements up to each along an axis, the last by default, in log₂ n steps over all elements.
 * @example cumsum(x, 0, { reverse: true })
 */
export const cumsum: Cumulative<'cumsum'> = cumulative('cumsum', folded('add', 0));
/** The products of the elements up to each, in log₂ n steps; the derivative is right also where elements are 0. */
export const cumprod: Cumulative<'cumprod'> = cumulative('cumprod', folded('mul', 1));
/** The largest of the elements up to each, in log₂ n steps; NaN from a NaN on. Of equal elements the first on the way has the derivative. */
export const cummax: Cumulative<'cummax'> = cumulative('cummax', extreme('max', -Infinity));
/** The smallest of the elements up to each, in log₂ n steps; NaN from a NaN on. Of equal elements the first on the way has the derivative. */
export const cummin: Cumulative<'cummin'> = cumulative('cummin', extreme('min', Infinity));
/** log Σ eˣ over the elements up to each, without overflow or underflow, in log₂ n steps. Up to where it is −∞ its derivative is NaN, as that of logSumExp. */
export const cumlogsumexp: Cumulative<'cumlogsumexp', Float> = cumulative('cumlogsumexp', { floats: true, identity: -Infinity, body: logSumExps });
