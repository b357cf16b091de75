import { isSym, sameDim, type Dim, type Dims } from '../../core/dim.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { ScalarName } from '../../ir/scalars.ts';

/** What rewrite rules ask of nodes. */

/** The number that every element is, seen through views. */
export const splatOf = (x: Node): number | undefined => {
  let at = x;
  while (at.op === 'broadcastInDim' || at.op === 'reshape' || at.op === 'transpose' || at.op === 'slice' || at.op === 'reverse' || at.op === 'window') at = at.inputs[0];
  return at.op === 'constant' && typeof at.attrs.value === 'number' ? at.attrs.value : undefined;
};
export const isSplat = (x: Node): boolean => splatOf(x) !== undefined;

/** whether the node applies this scalar function */
export const applies = (x: Node, fn: ScalarName): boolean => x.op === 'map' && x.attrs.fn === fn;

export const axesOf = (shape: Dims): readonly number[] => shape.map((_, i) => i);
/** the axes that are not listed */
export const others = (shape: Dims, axes: readonly number[]): readonly number[] => axesOf(shape).filter((i) => !axes.includes(i));
/** the axes of an operand that are axes of the contraction's result */
export const freeAxes = ({ inputs, attrs: { batch, contract } }: Node<'dotGeneral'>, side: 0 | 1): readonly number[] => others(inputs[side].type.shape, [...batch[side], ...contract[side]]);
export const isUnit = (d: Dim): boolean => d === 1;
/** the axes with more or fewer than one element */
export const wideAxes = (shape: Dims): readonly number[] => axesOf(shape).filter((i) => !isUnit(shape[i]));
export const withoutUnits = (shape: Dims): Dims => shape.filter((d) => !isUnit(d));
/** whether two shapes differ by axes of size 1 alone */
export const sameButUnits = (a: Dims, b: Dims): boolean => {
  const x = withoutUnits(a), y = withoutUnits(b);
  return x.length === y.length && x.every((d, i) => sameDim(d, y[i]));
};
/** where the axes with several elements of one shape stand in another that differs by axes of size 1 */
export const placeOf = (from: Dims, to: Dims): ReadonlyMap<number, number> => {
  const target = wideAxes(to);
  return new Map(wideAxes(from).map((axis, i) => [axis, target[i]]));
};
export const hasNoSym = (shape: Dims): boolean => !shape.some(isSym);
export const isIdentity = (perm: readonly number[]): boolean => perm.every((axis, i) => axis === i);
export const isIncreasing = (xs: readonly number[]): boolean => xs.every((x, i) => i === 0 || x > xs[i - 1]);
/** how many elements, where that is known */
export const countOf = (shape: Dims): number | undefined => (hasNoSym(shape) ? shape.reduce<number>((n, d) => n * Number(d), 1) : undefined);

/** Along which axes a value varies: a splat along none, a broadcast along those of its operand, iota along one. */
export const variesAlong = (x: Node): readonly number[] => {
  if (isSplat(x)) return [];
  if (x.op === 'broadcastInDim') return x.attrs.dims.filter((_, i) => !isUnit(x.inputs[0].type.shape[i]));
  return x.op === 'iota' ? [x.attrs.axis] : wideAxes(x.type.shape);
};
