import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { axesOf, freeAxes, isIdentity, splatOf } from './facts.ts';
import { contractionOf, type Overlaid } from './overlaps.ts';
import { cut, padded } from './spread.ts';

type Dot = Node<'dotGeneral'>;
type Side = 0 | 1;

/** zeros between the elements of an axis, and the windows over it */
interface Spread { readonly axis: number; readonly count: number; readonly stride: number; readonly low: number; readonly places: number; readonly size: number; readonly dilation: number }
/** what an axis of windows is: one of `x`; or of an axis of `x` that is spread out, the places of its windows or their elements */
type Role = { readonly is: 'own' | 'spread'; readonly at: number } | { readonly is: 'place' | 'element'; readonly at: number; readonly of: Spread };
/** Windows of a value with zeros between its elements; `x` is that value, with the windows over its other axes. */
interface Windows { readonly x: Node; readonly roles: readonly Role[]; /** the padding along the axes of `x` that are spread out */ readonly gaps: ReadonlyMap<number, { readonly low: number; readonly stride: number }> }

const windowsIn = (y: Node, b: Builder): Windows | undefined => {
  if (y.op === 'pad') return y.attrs.interior.some((k) => k > 0) && splatOf(y.inputs[1]) === 0 ? spreadIn(y, b) : undefined;
  if (y.op !== 'transpose' && y.op !== 'window') return undefined;
  const of = windowsIn(y.inputs[0], b);
  if (of === undefined) return undefined;
  if (y.op === 'transpose') return { ...of, roles: y.attrs.perm.map((axis) => of.roles[axis]) };
  const { axis, size, stride, dilation } = y.attrs, role = of.roles[axis], around = (made: readonly Role[], roles = of.roles): readonly Role[] => [...roles.slice(0, axis), ...made, ...roles.slice(axis + 1)];
  if (role.is === 'spread' && stride === 1) {
    const { low, stride: gap } = of.gaps.get(role.at) ?? { low: 0, stride: 1 };
    const spread: Spread = { axis: role.at, count: Number(of.x.type.shape[role.at]), stride: gap, low, places: Number(y.type.shape[axis]), size, dilation };
    return { ...of, roles: around([{ is: 'place', at: role.at, of: spread }, { is: 'element', at: role.at, of: spread }]) };
  }
  if (role.is !== 'own') return undefined;
  const later = (at: number): number => (at > role.at ? at + 1 : at), moved = of.roles.map((r): Role => ('of' in r ? { ...r, at: later(r.at), of: { ...r.of, axis: later(r.at) } } : { ...r, at: later(r.at) }));
  return { x: b.window(of.x, { ...y.attrs, axis: role.at }), roles: around([role, { is: 'own', at: role.at + 1 }], moved), gaps: new Map([...of.gaps].map(([at, gap]) => [later(at), gap])) };
};
const spreadIn = (y: Node<'pad'>, b: Builder): Windows => {
  const { low, high, interior } = y.attrs, [x, zero] = y.inputs, kept = (amounts: readonly number[]): readonly number[] => amounts.map((k, i) => (interior[i] > 0 ? 0 : k));
  return {
    x: b.pad(x, zero, kept(low), kept(high)), roles: interior.map((k, at) => ({ is: k > 0 ? 'spread' : 'own', at })),
    gaps: new Map(interior.flatMap((k, at) => (k > 0 ? [[at, { low: low[at], stride: k + 1 }]] : []))),
  };
};

/** the axis of the result that an operand's free axis is */
const resultAxis = (n: Dot, side: Side, axis: number): number => n.attrs.batch[0].length + (side === 0 ? 0 : freeAxes(n, 0).length) + freeAxes(n, side).indexOf(axis);

/**
 * A contraction with windows over zeros between the elements of a value computes with the elements alone. See Note [Spread
 * operands]
 */
export const withoutGaps = (n: Dot, b: Builder): Node | undefined => {
  for (const side of [0, 1] as const) {
    const windows = n.type.shape.includes(0) ? undefined : windowsIn(n.inputs[side], b);
    if (windows === undefined || windows.roles.some((r) => r.is === 'spread' || ((r.is === 'place' || r.is === 'element') && r.of.count === 0))) continue;
    const { batch, contract } = n.attrs, has = (axes: readonly number[], is: Role['is']): boolean => windows.roles.every((r, axis) => r.is !== is || axes.includes(axis));
    const free = freeAxes(n, side);
    if (batch[side].some((axis) => windows.roles[axis].is !== 'own')) continue;
    if (has(free, 'place') && has(contract[side], 'element')) return asOverlaps(n, b, side, windows);
    if (has(contract[side], 'place') && has(free, 'element')) return asWindows(n, b, side, windows);
  }
  return undefined;
};

const pair = <A>(side: Side, a: A, c: A): readonly [A, A] => (side === 0 ? [a, c] : [c, a]);
const asOverlaps = (n: Dot, b: Builder, side: Side, { x, roles }: Windows): Node => {
  const other: Side = side === 0 ? 1 : 0, { batch, contract } = n.attrs, left = contract[side].map((_, i) => i).filter((i) => roles[contract[side][i]].is === 'own');
  const taps = new Map(contract[side].flatMap((axis, i) => { const r = roles[axis]; return r.is === 'element' ? [[r.of.axis, contract[other][i]]] : []; }));
  const dot = b.dotGeneral(...pair(side, x, b.reverse(n.inputs[other], [...taps.values()])), {
    batch: pair(side, batch[side].map((axis) => roles[axis].at), batch[other]), contract: pair(side, left.map((i) => roles[contract[side][i]].at), left.map((i) => contract[other][i])),
  });
  // SAFETY: a contraction was made
  const made = dot as Dot, mine = freeAxes(n, side).map((axis): number | Overlaid => {
    const r = roles[axis], place = resultAxis(made, side, r.at);
    if (r.is !== 'place') return place;
    const { count, size, stride, dilation, low, places } = r.of, reach = (size - 1) * dilation;
    return { place, element: resultAxis(made, other, taps.get(r.of.axis) ?? -1), lie: { count, size, length: (count - 1) * stride + reach + 1, stride, dilation }, seen: { start: reach - low, every: 1, count: places } };
  });
  const theirs = freeAxes(n, other).map((axis) => resultAxis(made, other, axis));
  return contractionOf(b, { dot: made, axes: [...batch[0].map((_, i) => i), ...pair(side, mine, theirs).flat()].map((atom) => [atom]) }, n.type.shape);
};

const asWindows = (n: Dot, b: Builder, side: Side, { x, roles }: Windows): Node => {
  const other: Side = side === 0 ? 1 : 0, { batch, contract } = n.attrs;
  const met = contract[side].flatMap((axis, i) => { const r = roles[axis]; return r.is === 'place' ? [{ of: r.of, axis: contract[other][i] }] : []; }).sort((p, q) => q.axis - p.axis);
  const moved = (axis: number): number => axis + met.filter((m) => m.axis < axis).length;
  let windows = n.inputs[other];
  for (const { of: { count, size, stride, dilation, low, places }, axis } of met) {
    const start = low - (size - 1) * dilation, end = start + (count - 1) * stride + (size - 1) * dilation + 1, before = Math.max(0, -start);
    const roomy = padded(b, windows, axis, before, Math.max(0, end - places), 0);
    windows = b.reverse(b.window(cut(b, roomy, axis, start + before, end + before, 1), { axis, size, stride, dilation }), [axis + 1]);
  }
  // SAFETY: a contraction is made
  const made = b.dotGeneral(...pair(side, x, windows), {
    batch: pair(side, batch[side].map((axis) => roles[axis].at), batch[other].map(moved)), contract: pair(side, contract[side].map((axis) => roles[axis].at), contract[other].map(moved)),
  }) as Dot;
  const mine = freeAxes(n, side).map((axis): number => {
    const r = roles[axis], element = r.is === 'element' ? met.find((m) => m.of.axis === r.of.axis) : undefined;
    return element === undefined ? resultAxis(made, side, r.at) : resultAxis(made, other, moved(element.axis) + 1);
  });
  const order = [...batch[0].map((_, i) => i), ...pair(side, mine, freeAxes(n, other).map((axis) => resultAxis(made, other, moved(axis)))).flat()];
  return isIdentity(order) && order.length === axesOf(made.type.shape).length ? made : b.transpose(made, order);
};

/*
Note [Spread operands]
A transposed convolution slides its filter over an image with zeros between its elements: x̃[i·s + l] = x[i]. Of the products
Σ_k x̃[o + k·d]·f[k] only those with o = i·s + l − k·d are not zero by that; with f turned round, k′ = K − 1 − k, they are an overlap
of the contraction of x with f, o + (K − 1)·d − l = i·s + k′·d: see Note [Overlaps of a contraction]. The gradient in the filter
Σ_o x̃[o + k·d]·g[o] is in the same way Σ_i x[i]·g[i·s + l − k·d], a contraction with windows of g that lie s apart. As with all
padding, an ∞ or NaN that meets zeros between elements alone does not reach the result.
*/
