import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { maxCount } from '../../../core/dim.ts';
import { isFloat, type DType } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Expr, Place } from '../../../ir/loop/syntax.ts';
import { bind, elementOf, fresh, here, inLoops, push, type Context } from './context.ts';
import { serial, storeRoot } from './stores.ts';
import { number, valueAt } from './value.ts';

type Sort = Node<'argsort'>;
type Fn = Extract<Expr, { kind: 'apply' }>['fn'];
const test = (fn: Fn, ...args: readonly Expr[]): Expr => ({ kind: 'apply', fn, dtype: 'bool', args });
const whole = (fn: Fn, ...args: readonly Expr[]): Expr => ({ kind: 'apply', fn, dtype: 'i32', args });
const indexOf = (index: Index): Expr => ({ kind: 'index', dtype: 'i32', index });
const loadOf = (from: Place): Expr => ({ kind: 'load', from, guard: [], other: number('i32', 0) });
const only = (buffer: string): Place => ({ buffer, at: [ix.constant(0)] });

/** whether a stands before b where no other key says so: NaN after all numbers */
const isBefore = (dtype: DType, descending: boolean, a: Expr, b: Expr): Expr => {
  const smaller = test(descending ? 'gt' : 'lt', a, b);
  return isFloat(dtype) ? test('or', smaller, test('and', test('ne', b, b), test('eq', a, a))) : smaller;
};
/** whether the keys of one element come before those of another: the first key that tells them apart decides */
const keysBefore = ({ inputs, attrs: { descending } }: Sort, a: readonly Expr[], b: readonly Expr[]): Expr =>
  inputs.map((key, i) => [isBefore(key.type.dtype, descending, a[i], b[i]), isBefore(key.type.dtype, descending, b[i], a[i])] as const)
    .reduceRight<Expr | undefined>((rest, [before, after]) => (rest === undefined ? before : test('or', before, test('and', test('not', after), rest))), undefined) ?? number('bool', 0);

/** An index for the element at one place of the axis, the other axes where their loops stand. */
type At = (place: Index) => readonly Index[];
const keysAt = (c: Context, { inputs }: Sort, at: readonly Index[]): readonly Expr[] => inputs.map((key) => valueAt(c, key, at).expr);

/**
 * Merge sort from runs of one element on (Knuth, volume 3, 5.2.4): each row's order goes back and forth between the halves
 * of a scratch array, log₂ n times. Of equal keys the left run's goes first, so that the order is stable.
 */
export const sortNest = (c: Context, node: Sort): void => {
  const { axis } = node.attrs, { shape } = node.type, n = Number(shape[axis]);
  const loops = shape.map((size) => ({ name: fresh(c, 'i'), size })), at: At = (place) => loops.map((l, i) => (i === axis ? place : ix.axis(l.name)));
  if (maxCount(shape) === 0) return inLoops(c, loops, serial, () => storeRoot(c, node, at(ix.axis(loops[axis].name)), number('i32', 0)));
  inLoops(c, loops.filter((_, i) => i !== axis), serial, () => {
    const order = fresh(c, 'order'), places = [fresh(c, 'left'), fresh(c, 'right')] as const;
    push(c, { kind: 'alloc', buffer: order, space: 'scratch', dtype: 'i32', shape: [2 * n] });
    for (const buffer of places) push(c, { kind: 'alloc', buffer, space: 'register', dtype: 'i32', shape: [1] });
    const start = fresh(c, 'i'), end = fresh(c, 'i');
    inLoops(c, [{ name: start, size: n }], serial, () => push(c, { kind: 'store', to: { buffer: order, at: [ix.axis(start)] }, guard: [], value: indexOf(ix.axis(start)) }));
    let from = 0;
    for (let width = 1; width < n; width *= 2) {
      mergeRuns(c, node, { order, places, at, n, width, from });
      from = n - from;
    }
    inLoops(c, [{ name: end, size: n }], serial, () => storeRoot(c, node, at(ix.axis(end)), loadOf({ buffer: order, at: [ix.shift(ix.axis(end), from)] })));
  });
};

interface Runs { readonly order: string; readonly places: readonly [string, string]; readonly at: At; readonly n: number; readonly width: number; readonly from: number }
/** every two runs of the given width become one in the other half; those at the end may be shorter */
const mergeRuns = (c: Context, node: Sort, runs: Runs): void => {
  const { n, width } = runs, pairs = Math.floor(n / (2 * width)), rest = n - pairs * 2 * width;
  if (pairs > 0) {
    const pair = fresh(c, 'pair');
    inLoops(c, [{ name: pair, size: pairs }], serial, () => merge(c, node, runs, ix.scale(ix.axis(pair), 2 * width), width, width));
  }
  if (rest > 0) merge(c, node, runs, ix.constant(n - rest), Math.min(rest, width), Math.max(0, rest - width));
};
/** the runs of so many elements that lie one after the other from `base` on */
const merge = (c: Context, node: Sort, { order, places: [i, j], at, n, from }: Runs, base: Index, left: number, right: number): void => {
  const to = n - from, k = fresh(c, 'k'), put = (place: Place, value: Expr): void => push(c, { kind: 'store', to: place, guard: [], value });
  const read = (place: Index): Place => ({ buffer: order, at: [ix.shift(ix.add(base, place), from)] }), written: Place = { buffer: order, at: [ix.shift(ix.add(base, ix.axis(k)), to)] };
  if (right === 0) return inLoops(c, [{ name: k, size: left }], serial, () => put(written, loadOf(read(ix.axis(k)))));
  for (const buffer of [i, j]) put(only(buffer), number('i32', 0));
  inLoops(c, [{ name: k, size: left + right }], serial, () => {
    const local = (prefix: string, value: Expr, most: number): { readonly expr: Expr; readonly index: Index } => {
      const { expr } = bind(c, prefix, value, here(c));
      return { expr, index: expr.kind === 'local' ? ix.data(expr.local, 0, most) : ix.constant(0) };
    };
    const l = local('l', loadOf(only(i)), left).expr, r = local('r', loadOf(only(j)), right).expr;
    const inLeft = local('l', whole('min', l, number('i32', left - 1)), left - 1).index, inRight = local('r', whole('min', r, number('i32', right - 1)), right - 1).index;
    const a = local('a', loadOf(read(inLeft)), n - 1), b = local('b', loadOf(read(ix.shift(inRight, left))), n - 1);
    const before = keysBefore(node, keysAt(c, node, at(b.index)), keysAt(c, node, at(a.index)));
    const { expr: fromRight } = bind(c, 'take', test('or', test('ge', l, number('i32', left)), test('and', test('lt', r, number('i32', right)), before)), here(c));
    put(written, whole('select', fromRight, b.expr, a.expr));
    put(only(i), whole('select', fromRight, l, whole('add', l, number('i32', 1))));
    put(only(j), whole('select', fromRight, whole('add', r, number('i32', 1)), r));
  });
};

/** How many come before an element: its place in the order, where there is no scratch. n comparisons. */
export const rankElement = (c: Context, node: Sort, where: readonly Index[]): Expr => {
  const { axis } = node.attrs, rank = startAt0(c, 'rank'), j = fresh(c, 'j');
  inLoops(c, [{ name: j, size: node.type.shape[axis] }], serial, () => {
    const a = keysAt(c, node, where.map((index, i) => (i === axis ? ix.axis(j) : index))), b = keysAt(c, node, where), first = test('lt', indexOf(ix.axis(j)), indexOf(where[axis]));
    const before = test('or', keysBefore(node, a, b), test('and', test('not', keysBefore(node, b, a)), first));
    push(c, { kind: 'fold', into: [only(rank)], monoid: 'add', values: [whole('select', before, number('i32', 1), number('i32', 0))] });
  });
  return loadOf(only(rank));
};
/** The element whose rank a place is: the only one, which n reads find. */
export const rankedElement = (c: Context, node: Sort, ranks: Node, where: readonly Index[]): Expr => {
  const { axis } = node.attrs, found = startAt0(c, 'found'), i = fresh(c, 'i');
  inLoops(c, [{ name: i, size: node.type.shape[axis] }], serial, () => {
    const rank = loadOf(elementOf(c, ranks, where.map((index, a) => (a === axis ? ix.axis(i) : index)), 'read'));
    push(c, { kind: 'if', test: test('eq', rank, indexOf(where[axis])), then: [{ kind: 'store', to: only(found), guard: [], value: indexOf(ix.axis(i)) }], else: [] });
  });
  return loadOf(only(found));
};
const startAt0 = (c: Context, name: string): string => {
  const buffer = fresh(c, name);
  push(c, { kind: 'alloc', buffer, space: 'register', dtype: 'i32', shape: [1] });
  push(c, { kind: 'store', to: only(buffer), guard: [], value: number('i32', 0) });
  return buffer;
};
