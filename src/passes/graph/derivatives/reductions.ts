import { isSym } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import { identityIn, monoidRow, type MonoidName } from '../../../ir/monoids.ts';
import { firstOfOwn } from './paddedWindows.ts';
import { refused, type Refusal } from './rule.ts';
import { shifted, sizeLike } from './shapes.ts';

type Axes = readonly number[];

/** The derivative of one operand's reduction, both ways; t is shaped like the operand forward, like the result backward. */
export interface ReductionRow {
  readonly vjp: (b: Builder, x: Node, axes: Axes, cotangent: Node) => Node | Refusal;
  readonly jvp: (b: Builder, x: Node, axes: Axes, tangent: Node) => Node | Refusal;
}
const bothWays = (rule: () => Refusal): ReductionRow => ({ vjp: rule, jvp: rule });

const addition: ReductionRow = {
  vjp: (b, x, axes, ct) => b.expand(ct, x.type.shape, axes),
  jvp: (b, _, axes, t) => b.reduce('add', t, axes),
};

type Arg = 'argMax' | 'argMin';
/** the change of the element that is the extreme (the first of equals), and zero elsewhere */
const extreme = (arg: Arg): ReductionRow => ({
  vjp: (b, x, axes, ct) => b.map('select', [isFirst(b, arg, x, axes), b.expand(ct, x.type.shape, axes), b.like(x, 0)]),
  jvp: (b, x, axes, t) => b.reduce('add', b.map('select', [isFirst(b, arg, x, axes), t, b.like(x, 0)]), axes),
});
const isFirst = (b: Builder, arg: Arg, x: Node, axes: Axes): Node =>
  b.map('eq', [position(b, x, axes), b.expand(winner(b, arg, x, axes), x.type.shape, axes)]);
/** Its place. What lies around a tensor wins only where all is as little as that: then the first element that is none of it does. */
const winner = (b: Builder, arg: Arg, x: Node, axes: Axes): Node => {
  const monoid = arg === 'argMax' ? 'max' : 'min', nothing = identityIn(x.type.dtype, monoidRow(monoid).identity[0]);
  const place = b.reduce(arg, x, axes), own = firstOfOwn(b, x, axes, nothing);
  if (own === undefined) return place;
  const best = b.reduce(monoid, x, axes);
  return b.map('select', [b.map('eq', [best, b.like(best, nothing)]), own, place]);
};

/** each element's place in row-major order among those that are reduced with it: what argMax counts */
export const position = (b: Builder, x: Node, axes: Axes): Node => {
  const { shape } = x.type, ordered = [...axes].sort((p, q) => p - q), sizes = ordered.map((axis) => shape[axis]);
  if (!sizes.some(isSym)) return b.broadcastInDim(b.reshape(b.iota({ dtype: 'i32', shape: [sizes.reduce<number>((n, d) => n * Number(d), 1)] }, 0), sizes), shape, ordered);
  let place = b.constant({ dtype: 'i32', shape }, 0);
  for (const axis of ordered) place = b.map('add', [b.map('mul', [place, sizeLike(b, x, axis, place)]), b.iota({ dtype: 'i32', shape }, axis)]);
  return place;
};

/** one axis after the other: ∂(x₀x₁x₂…)/∂xᵢ is the product of the others */
const product: ReductionRow = {
  vjp: (b, x, axes, ct) => {
    if (axes.some((axis) => isSym(x.type.shape[axis]))) return unboundedProduct();
    const [axis, ...rest] = innermostFirst(axes);
    if (axis === undefined) return ct;
    const inner = b.reduce('mul', x, [axis]);
    const change = product.vjp(b, inner, rest, ct);
    if ('refused' in change) return change;
    return b.map('mul', [b.expand(change, x.type.shape, [axis]), productOfOthers(b, x, axis)]);
  },
  jvp: (b, x, axes, t) => {
    if (axes.some((axis) => isSym(x.type.shape[axis]))) return unboundedProduct();
    const [axis, ...rest] = innermostFirst(axes);
    if (axis === undefined) return t;
    const change = b.reduce('add', b.map('mul', [t, productOfOthers(b, x, axis)]), [axis]);
    return product.jvp(b, b.reduce('mul', x, [axis]), rest, change);
  },
};
const unboundedProduct = refused('the derivative of a product along a named dimension is not available; give the dimension a size');
/** dropping a later axis leaves the numbers of the earlier ones as they are */
const innermostFirst = (axes: Axes): Axes => [...axes].sort((p, q) => q - p);

/**
 * Products of all elements before, times all after, each by doubling: log₂ n steps, no division, and so polynomials whose
 * own derivatives are right whatever is zero.
 */
const productOfOthers = (b: Builder, x: Node, axis: number): Node =>
  b.map('mul', [productBefore(b, x, axis, 1), productBefore(b, x, axis, -1)]);
type Direction = 1 | -1;
const productBefore = (b: Builder, x: Node, axis: number, direction: Direction): Node => {
  let running = shifted(b, x, axis, direction, 1);
  for (let reach = 1; reach < Number(x.type.shape[axis]); reach *= 2) {
    running = b.map('mul', [running, shifted(b, running, axis, direction * reach, 1)]);
  }
  return running;
};

const integers = bothWays(refused('its result is an integer'));
const summary = bothWays(refused('it keeps several numbers for each result, for which no derivative is defined'));

export const reductions: { readonly [M in MonoidName]: ReductionRow } = {
  add: addition, mul: product, max: extreme('argMax'), min: extreme('argMin'),
  and: integers, or: integers, argMax: integers, argMin: integers,
  maxExpSum: summary, welford: summary,
};
