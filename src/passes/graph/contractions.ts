import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { isSym } from '../../core/dim.ts';
import { isFloat } from '../../core/dtype.ts';
import { freeAxes, isIdentity, isIncreasing, others, sameButUnits, variesAlong } from './facts.ts';
import { procedural, type Rule } from './rewrite.ts';
import { onAxes } from './views.ts';

type Dot = Node<'dotGeneral'>;
type Side = 0 | 1;
const sides: readonly Side[] = [0, 1];

/** an operand with the axis of each of its own */
interface Operand { readonly x: Node; readonly batch: readonly number[]; readonly contract: readonly number[] }
const operandsOf = (n: Dot): readonly [Operand, Operand] =>
  [{ x: n.inputs[0], batch: n.attrs.batch[0], contract: n.attrs.contract[0] }, { x: n.inputs[1], batch: n.attrs.batch[1], contract: n.attrs.contract[1] }];
const dot = (b: Builder, [l, r]: readonly [Operand, Operand]): Node => b.dotGeneral(l.x, r.x, { batch: [l.batch, r.batch], contract: [l.contract, r.contract] });

/** a transpose in an operand is another naming of its axes, where those that stay free keep their order */
const absorbTranspose = (n: Dot, b: Builder): Node | undefined => {
  const [left, right] = sides.map((side): Operand | undefined => {
    const { x, batch, contract } = operandsOf(n)[side];
    if (x.op !== 'transpose' || !isIncreasing(freeAxes(n, side).map((axis) => x.attrs.perm[axis]))) return undefined;
    const inner = (axis: number): number => x.attrs.perm[axis];
    return { x: x.inputs[0], batch: batch.map(inner), contract: contract.map(inner) };
  });
  if (left === undefined && right === undefined) return undefined;
  const [l, r] = operandsOf(n);
  return dot(b, [left ?? l, right ?? r]);
};

/** (xy)ᵀ = yᵀxᵀ: the operands change places */
const swapForTranspose = (n: Node<'transpose'>, b: Builder): Node | undefined => {
  const [x] = n.inputs;
  if (x.op !== 'dotGeneral') return undefined;
  const { batch } = x.attrs, k = batch[0].length, left = freeAxes(x, 0).length, right = freeAxes(x, 1).length;
  const swapped = [...batch[0].map((_, i) => i), ...Array.from({ length: right }, (_, i) => k + left + i), ...Array.from({ length: left }, (_, i) => k + i)];
  if (n.attrs.perm.join() !== swapped.join()) return undefined;
  const [l, r] = operandsOf(x);
  return dot(b, [r, l]);
};

/**
 * An operand that does not vary along some of its axes is narrowed to the others. What it repeated along a contracted axis
 * becomes a sum of the other operand; along a batch axis, a free axis of the other; along a free axis, a broadcast of the result.
 */
const narrowOperand = (n: Dot, b: Builder): Node | undefined => {
  for (const side of sides) {
    const mine = operandsOf(n)[side], theirs = operandsOf(n)[side === 0 ? 1 : 0];
    const along = variesAlong(mine.x), axes = others(mine.x.type.shape, []);
    const repeated = axes.filter((axis) => !along.includes(axis) && mine.x.type.shape[axis] !== 1);
    if (repeated.length === 0 || mine.x.type.shape.includes(0)) continue;
    return narrowed(n, b, side, mine, theirs, repeated);
  }
  return undefined;
};
const narrowed = (n: Dot, b: Builder, side: Side, mine: Operand, theirs: Operand, repeated: readonly number[]): Node | undefined => {
  const isRepeated = (axis: number): boolean => repeated.includes(axis);
  const kept = others(mine.x.type.shape, repeated);
  const summed = theirs.contract.filter((_, i) => isRepeated(mine.contract[i]));
  if (summed.length > 0 && !isFloat(n.type.dtype)) return undefined;
  const left = (axis: number): number => axis - summed.filter((s) => s < axis).length;
  const own: Operand = {
    x: onAxes(mine.x, kept, kept.map((axis) => mine.x.type.shape[axis]), b),
    batch: mine.batch.filter((axis) => !isRepeated(axis)).map((axis) => kept.indexOf(axis)),
    contract: mine.contract.filter((axis) => !isRepeated(axis)).map((axis) => kept.indexOf(axis)),
  };
  const other: Operand = {
    x: summed.length === 0 ? theirs.x : b.reduce('add', theirs.x, summed),
    batch: theirs.batch.filter((_, i) => !isRepeated(mine.batch[i])).map(left),
    contract: theirs.contract.filter((_, i) => !isRepeated(mine.contract[i])).map(left),
  };
  const made = dot(b, side === 0 ? [own, other] : [other, own]);
  return b.broadcastInDim(...placed(n, b, made, places(n, side, own, other, mine, theirs, repeated, summed)));
};
/** for each axis of the narrower contraction its axis in the result wanted */
const places = (n: Dot, side: Side, own: Operand, other: Operand, mine: Operand, theirs: Operand, repeated: readonly number[], summed: readonly number[]): readonly number[] => {
  const k = n.attrs.batch[0].length, leftFree = freeAxes(n, 0), rightFree = freeAxes(n, 1);
  const resultAxis = (whose: Side, axis: number): number => {
    const batch = n.attrs.batch[whose].indexOf(axis);
    if (batch >= 0) return batch;
    return whose === 0 ? k + leftFree.indexOf(axis) : k + leftFree.length + rightFree.indexOf(axis);
  };
  const keptOwn = others(mine.x.type.shape, repeated), keptOther = others(theirs.x.type.shape, summed), otherSide = side === 0 ? 1 : 0;
  const ownFree = others(own.x.type.shape, [...own.batch, ...own.contract]).map((axis) => resultAxis(side, keptOwn[axis]));
  const otherFree = others(other.x.type.shape, [...other.batch, ...other.contract]).map((axis) => resultAxis(otherSide, keptOther[axis]));
  return [...own.batch.map((axis) => resultAxis(side, keptOwn[axis])), ...(side === 0 ? [...ownFree, ...otherFree] : [...otherFree, ...ownFree])];
};
const placed = (n: Dot, b: Builder, x: Node, at: readonly number[]): readonly [Node, Dot['type']['shape'], readonly number[]] => {
  const order = at.map((_, i) => i).sort((i, j) => at[i] - at[j]);
  return [isIdentity(order) ? x : b.transpose(x, order), n.type.shape, order.map((i) => at[i])];
};

/** axes of size 1 that a reshape has put in, and that stay free, are put into the result instead: a row is a vector again */
const withoutUnitRows = (n: Dot, b: Builder): Node | undefined => {
  const [left, right] = sides.map((side): Operand | undefined => {
    const { x, batch, contract } = operandsOf(n)[side], units = freeAxes(n, side).filter((axis) => x.type.shape[axis] === 1);
    if (x.op !== 'reshape' || units.length === 0 || !sameButUnits(x.inputs[0].type.shape, x.type.shape)) return undefined;
    const kept = others(x.type.shape, units), inner = (axis: number): number => kept.indexOf(axis);
    return { x: b.reshape(x.inputs[0], kept.map((axis) => x.type.shape[axis])), batch: batch.map(inner), contract: contract.map(inner) };
  });
  if (left === undefined && right === undefined) return undefined;
  const [l, r] = operandsOf(n);
  return b.reshape(dot(b, [left ?? l, right ?? r]), n.type.shape);
};

/** a contraction with a single number is a product */
const scalarOperand = (n: Dot, b: Builder): Node | undefined => {
  for (const side of sides) {
    const [x, y] = side === 0 ? n.inputs : [n.inputs[1], n.inputs[0]];
    if (x.type.shape.length === 0) return b.map('mul', [y, b.broadcastInDim(x, y.type.shape, [])]);
  }
  return undefined;
};

export const contractionRules: readonly Rule[] = [
  procedural('dot of transpose', 'dotGeneral', 'exact', absorbTranspose, [
    (b, p) => b.dotGeneral(b.transpose(p([3, 2]), [1, 0]), p([3, 4]), { batch: [[], []], contract: [[1], [0]] }),
    (b, p) => b.dotGeneral(p([2, 3]), b.transpose(p([4, 3]), [1, 0]), { batch: [[], []], contract: [[1], [0]] }),
  ]),
  procedural('transpose of dot = dot the other way round', 'transpose', 'exact', swapForTranspose, [
    (b, p) => b.transpose(b.dotGeneral(p([2, 3]), p([3, 4]), { batch: [[], []], contract: [[1], [0]] }), [1, 0]),
    (b, p) => b.transpose(b.dotGeneral(p([5, 2, 3]), p([5, 3, 4]), { batch: [[0], [0]], contract: [[2], [1]] }), [0, 2, 1]),
  ]),
  procedural('dot with what is repeated', 'dotGeneral', 'reassociates', narrowOperand, [
    (b, p) => b.dotGeneral(p([2, 3]), b.constant({ dtype: 'f32', shape: [3, 4] }, 0.5), { batch: [[], []], contract: [[1], [0]] }),
    (b, p) => b.dotGeneral(p([5, 2, 3]), b.broadcastInDim(p([3, 4]), [5, 3, 4], [1, 2]), { batch: [[0], [0]], contract: [[2], [1]] }),
    (b, p) => b.dotGeneral(b.broadcastInDim(p([2, 3]), [5, 2, 3], [1, 2]), p([5, 3, 4]), { batch: [[0], [0]], contract: [[2], [1]] }),
    (b, p) => b.dotGeneral(b.broadcastInDim(p([2]), [2, 3], [0]), p([3, 4]), { batch: [[], []], contract: [[1], [0]] }),
    (b, p) => b.dotGeneral(b.broadcastInDim(p([3]), [2, 3], [1]), p([3, 4]), { batch: [[], []], contract: [[1], [0]] }),
  ]),
  procedural('dot of rows = reshape of dot of vectors', 'dotGeneral', 'exact', withoutUnitRows, [
    (b, p) => b.dotGeneral(b.reshape(p([3]), [1, 3]), p([3, 4]), { batch: [[], []], contract: [[1], [0]] }),
    (b, p) => b.dotGeneral(p([2, 3]), b.reshape(p([2, 3]), [2, 1, 3, 1]), { batch: [[0], [0]], contract: [[1], [2]] }),
  ]),
  procedural('dot with one number = product', 'dotGeneral', 'exact', scalarOperand, [(b, p) => b.dotGeneral(p([2, 3]), p([]), { batch: [[], []], contract: [[], []] })]),
];

/** the sizes of a plain matrix product (rows, inner, columns), where they are known */
export const matrixSizes = (n: Node): readonly [number, number, number] | undefined => {
  if (n.op !== 'dotGeneral' || n.attrs.batch[0].length > 0 || n.attrs.contract[0].length !== 1) return undefined;
  const [x, y] = n.inputs.map((v) => v.type.shape);
  if (x.length !== 2 || y.length !== 2 || [...x, ...y].some(isSym)) return undefined;
  const [k] = n.attrs.contract[0], [l] = n.attrs.contract[1];
  return [Number(x[1 - k]), Number(x[k]), Number(y[1 - l])];
};
