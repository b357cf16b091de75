import { maxCount } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { isFloat } from '../../core/dtype.ts';
import { applies, others, variesAlong } from './facts.ts';
import { procedural, type Rule } from './rewrite.ts';
import { onAxes } from './views.ts';

type Dot = Node<'dotGeneral'>;
type Side = 0 | 1;

/** x ∘ scale or x / scale, where the scale is repeated along some of the axes */
interface Scaled { readonly fn: 'mul' | 'div'; readonly of: Node; readonly scale: Node; readonly along: readonly number[] }
const scaledOf = (x: Node): Scaled | undefined => {
  const fn = applies(x, 'mul') ? 'mul' : applies(x, 'div') ? 'div' : undefined;
  if (fn === undefined || !isFloat(x.type.dtype)) return undefined;
  const [l, r] = x.inputs, candidates = fn === 'div' ? [[l, r]] : [[l, r], [r, l]];
  for (const [of, scale] of candidates) {
    const along = variesAlong(scale);
    if (scale.op === 'broadcastInDim' && along.length > 0 && along.length < variesAlong(of).length) return { fn, of, scale, along };
  }
  return undefined;
};

/** how many values below a contraction's operand are looked at for its origin */
const reach = 48;
/** Whether the value is made elementwise of a product that outgrows its factors: one that is better never stored. */
const isOfProduct = (of: Node): boolean => {
  const seen = new Set([of]);
  for (const x of seen) {
    if (x.op === 'dotGeneral' && x.inputs.every((y) => maxCount(y.type.shape) < maxCount(x.type.shape))) return true;
    if (x.op === 'map' && seen.size < reach) x.inputs.forEach((y) => seen.add(y));
  }
  return false;
};

/**
 * (x ∘ s)·y = (x·y) ∘ s where s does not vary along the contracted axes, and x·(s ∘ y) where it varies along nothing but what y
 * has too. Only where x is a wide value in passing: there the scale would be applied to more numbers than it has to.
 */
const hoistScale = (n: Dot, b: Builder): Node | undefined => {
  for (const side of [0, 1] as const) {
    const x = n.inputs[side], scaled = scaledOf(x);
    if (scaled === undefined || !isOfProduct(scaled.of)) continue;
    const { batch, contract } = n.attrs, fewer = (y: Node): boolean => maxCount(y.type.shape) < maxCount(x.type.shape), other = n.inputs[1 - side];
    if (fewer(n) && scaled.along.every((axis) => !contract[side].includes(axis))) return onResult(n, side, scaled, b);
    if (fewer(other) && scaled.along.every((axis) => batch[side].includes(axis) || contract[side].includes(axis))) return onOther(n, side, scaled, b);
  }
  return undefined;
};

const replaced = (n: Dot, side: Side, x: Node, other: Node, b: Builder): Node =>
  b.dotGeneral(side === 0 ? x : other, side === 0 ? other : x, { batch: n.attrs.batch, contract: n.attrs.contract });
const onResult = (n: Dot, side: Side, { fn, of, scale, along }: Scaled, b: Builder): Node => {
  const { batch, contract } = n.attrs, free = (k: Side): readonly number[] => others(n.inputs[k].type.shape, [...batch[k], ...contract[k]]);
  const start = batch[0].length + (side === 0 ? 0 : free(0).length);
  const place = (axis: number): number => (batch[side].includes(axis) ? batch[side].indexOf(axis) : start + free(side).indexOf(axis));
  return b.map(fn, [replaced(n, side, of, n.inputs[1 - side], b), spread(scale, along, along.map(place), n.type.shape, b)]);
};
const onOther = (n: Dot, side: Side, { fn, of, scale, along }: Scaled, b: Builder): Node => {
  const { batch, contract } = n.attrs, mine = [...batch[side], ...contract[side]], theirs = side === 0 ? [...batch[1], ...contract[1]] : [...batch[0], ...contract[0]];
  const other = n.inputs[1 - side], places = along.map((axis) => theirs[mine.indexOf(axis)]);
  return replaced(n, side, of, b.map(fn, [other, spread(scale, along, places, other.type.shape, b)]), b);
};
/** the scale on other axes: `along` says which it has, `places` which they become */
const spread = (scale: Node, along: readonly number[], places: readonly number[], shape: Node['type']['shape'], b: Builder): Node => {
  const narrow = onAxes(scale, along, along.map((axis) => scale.type.shape[axis]), b), order = places.map((_, i) => i).sort((i, j) => places[i] - places[j]);
  return b.broadcastInDim(b.transpose(narrow, order), shape, order.map((i) => places[i]));
};

const row = { batch: [[], []], contract: [[1], [0]] } as const;
const wide: (b: Builder, p: (shape: readonly number[]) => Node) => Node = (b, p) => b.map('exp', [b.dotGeneral(p([3, 2]), p([2, 4]), row)]);
export const scaleRules: readonly Rule[] = [
  procedural('(x*s)·y = (x·y)*s, or x·(s*y)', 'dotGeneral', 'reassociates', hoistScale, [
    (b, p) => b.dotGeneral(b.map('div', [wide(b, p), b.broadcastInDim(p([3]), [3, 4], [0])]), p([4, 2]), row),
    (b, p) => b.dotGeneral(b.map('mul', [b.broadcastInDim(p([3]), [3, 4], [0]), wide(b, p)]), p([3, 2]), { batch: [[], []], contract: [[0], [0]] }),
    (b, p) => b.dotGeneral(p([2, 3]), b.map('div', [wide(b, p), b.broadcastInDim(p([4]), [3, 4], [1])]), row),
  ]),
];
