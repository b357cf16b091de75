import type { Dim as IrDim, Dims, TensorType } from '../core/dim.ts';
import { showType } from '../core/dim.ts';
import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { axisIndex, badAxis, isCompound, removed, unify } from './dims.ts';
import { here, invalid, isProblem, make, type Expr, type Problem } from './expr.ts';
import { isKey, trace } from './functions.ts';
import { resultsOf, transposed } from './primitives.ts';
import { leavesOf, mapLeaves, refill, showPath, type LeafAt } from './tree.ts';
import type { Lead, LeadEach } from './types/functions.ts';
import type { Dim } from './types/shape.ts';

type InAxes = readonly (number | null)[];

/**
 * A function of one example as a function of many at once. `axis` is the name of the new axis or its size; the results have
 * it in front, or at `outAxis`. `inAxes` says for each argument where its examples lie (0 unless told otherwise), or null for
 * one that they all share. What does not depend on an example is computed once. Any order: vmap(grad(f)), grad of a vmap,
 * vmap(vmap(f)).
 * @example
 * const perExample = vmap(grad(loss), 'batch', [null, 0, 0]);
 * const pairs = vmap(vmap(distance, 'm', [null, 0]), 'n', [0, null]); // distance(x[i], y[j]) for each i and j
 */
export function vmap<A extends unknown[], R, N extends Dim>(f: (...args: A) => R, axis: N): (...args: LeadEach<A, N, { [K in keyof A]: 0 }>) => Lead<R, N>;
export function vmap<A extends unknown[], R, N extends Dim, const X extends { [K in keyof A]: number | null }, O extends number = 0>(f: (...args: A) => R, axis: N, inAxes: X, outAxis?: O): (...args: LeadEach<A, N, X>) => Lead<R, N, O>;
export function vmap(f: (...args: never[]) => unknown, axis: Dim, inAxes?: unknown, outAxis = 0): (...args: unknown[]) => unknown {
  // SAFETY: the overloads say what goes in: one axis, or none, for each argument of the function
  const body = f as (...args: readonly unknown[]) => unknown, given = inAxes as InAxes | undefined;
  return (...args) => mappedOver(body, args, { size: axis, axes: args.map((_, i) => (given === undefined ? 0 : given[i])), isWhole: given === undefined || given.length === args.length, out: outAxis });
}

interface Asked { readonly size: Dim; readonly axes: readonly (number | null | undefined)[]; readonly isWhole: boolean; readonly out: number }

const mappedOver = (f: (...args: readonly unknown[]) => unknown, args: readonly unknown[], asked: Asked): unknown => {
  const at = here(), name = f.name === '' ? 'f' : f.name, leaves = leavesOf(args), places = leaves.map((l) => placeOf(l, asked));
  let next = 0;
  const one = trace(name, mapLeaves(args, (leaf) => exampleOf(at, leaf, places[next++])), (...xs) => f(...xs));
  const spoil = (wrong?: Problem): unknown => mapLeaves(one.result, (r) => invalid(at, leaves.map((l) => l.expr), r.type, wrong));
  if (leaves.some((l) => l.expr.poisoned)) return spoil();
  const size = sizeOf(leaves, places, asked);
  if (isProblem(size)) return spoil(size);
  const types = one.traced.results.map(({ type }): TensorType => ({ dtype: type.dtype, shape: [size, ...type.shape] }));
  const axes = places.map((p) => (typeof p === 'number' ? p : null));
  const all = make(at, 'transform', { kind: 'vmap', fn: one.traced, axes }, leaves.map((l) => l.expr), types);
  const moved = resultsOf(at, all).map((r) => movedTo(at, r, asked.out)), wrong = moved.find(isProblem);
  return wrong === undefined ? refill(one.result, moved.filter(isExpr)) : spoil(wrong);
};
const isExpr = (x: Expr | Problem): x is Expr => !isProblem(x);

/** where the examples of an argument's leaf lie, null if it is the same for all, or what is wrong */
const placeOf = ({ path, expr }: LeafAt, { axes }: Asked): number | null | Problem => {
  const [argument] = path, axis = axes[Number(argument)];
  if (axis === null || axis === undefined) return null;
  const place = axisIndex(expr.shape, axis);
  if (place !== undefined && !(isKey(expr) && expr.shape.length === 1)) return place;
  const where = `argument '${showPath(path)}'`;
  if (isKey(expr)) return problem('examples', `vmap: ${where} is one random key, not one for each example`, { hint: 'vmap((i) => foldIn(k, i), n)(iota(n)) makes n of one; null in inAxes gives all examples the same' });
  if (expr.shape.length === 0) return problem('examples', `vmap: ${where} is a scalar, which has no axis to map over`, { hint: 'null in inAxes shares it between the examples' });
  return problem('axis', badAxis('vmap', expr.shape, axis), { hint: `inAxes says where the examples of ${where} lie` });
};
/** a stand-in for one example's part */
const exampleOf = (at: Origin, leaf: Expr, place: number | null | Problem): Expr => {
  if (typeof place !== 'number') return leaf;
  const shape: Dims = leaf.type.shape.filter((_, i) => i !== place);
  return make(at, 'placeholder', { name: 'example', scope: { what: 'scope' } }, [], [{ dtype: leaf.dtype, shape }], isKey(leaf) ? { key: true } : {});
};

/** how many examples there are: all arguments must say the same */
const sizeOf = (leaves: readonly LeafAt[], places: readonly (number | null | Problem)[], { size, axes, isWhole }: Asked): IrDim | Problem => {
  if (typeof size !== 'string' && typeof size !== 'number') return problem('examples', 'vmap: the second argument must be the new axis: its name, or how many examples there are', { hint: "vmap(f, 'batch') or vmap(f, 32)" });
  if (!isWhole || axes.includes(undefined)) return problem('examples', `vmap: inAxes must name an axis, or null, for each of the ${axes.length} arguments`, { hint: 'null shares an argument between the examples' });
  const wrong = places.find(isProblem);
  if (wrong) return wrong;
  const mapped = leaves.flatMap(({ path, expr }, i) => { const place = places[i]; return typeof place === 'number' ? [{ path, expr, place, own: expr.shape[place] }] : []; });
  if (mapped.length === 0) return problem('examples', 'vmap: no argument is mapped over', { hint: 'give one of them an axis in inAxes' });
  const { expr: { type }, place: axis, own: agreed } = mapped.find(({ own }) => !isCompound(own)) ?? mapped[0];
  // a name fits any number, so that a function of named sizes takes arrays too
  const wanted = typeof size === 'string' && typeof agreed === 'number' ? agreed : size;
  const other = mapped.find(({ own }) => unify(wanted, own) === undefined);
  if (other === undefined) return type.shape[axis];
  return problem('examples', `vmap: axis ${other.place} of argument '${showPath(other.path)}' has size ${other.own}, not ${wanted}: every argument that is mapped over holds one part for each example`, { shapes: [showType(other.expr.type)], hint: 'null in inAxes shares an argument between the examples' });
};

const movedTo = (at: Origin, r: Expr, out: number): Expr | Problem => {
  const place = axisIndex(r.shape, out);
  if (place === undefined) return problem('axis', badAxis('vmap', r.shape, out), { hint: 'outAxis is where the examples of the results are to lie' });
  const rest = removed(r.shape, 0).map((_, i) => i + 1);
  return place === 0 ? r : transposed(at, r, [...rest.slice(0, place), 0, ...rest.slice(place)]);
};
