import { isFloat, isHalf } from '../../core/dtype.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { isIdentity, isUnit, others, wideAxes } from './facts.ts';
import { procedural, rewrite, type Rule } from './rewrite.ts';

type Dot = Node<'dotGeneral'>;
type Side = 0 | 1;

/**
 * A contraction that is a sum of products for each element of its batches, where both operands lie in memory along a
 * batch axis: one side has no axes of its own, so that no factor is used twice by a tile of rows and columns, and what lies
 * next to each other is neither a row, a column nor a step of the sum. As a reduction its loops go as its operands lie.
 */
const acrossBatches = (n: Dot, b: Builder): Node | undefined => {
  const { batch, contract } = n.attrs;
  const free = (side: Side): readonly number[] => others(n.inputs[side].type.shape, [...batch[side], ...contract[side]]);
  const isAcross = (side: Side): boolean => batch[side].includes(wideAxes(n.inputs[side].type.shape).at(-1) ?? -1);
  const narrow: Side = free(1).every((axis) => isUnit(n.inputs[1].type.shape[axis])) ? 1 : 0, wide: Side = narrow === 1 ? 0 : 1;
  const [x, y] = [n.inputs[wide], n.inputs[narrow]];
  if (isHalf(x.type.dtype) || !isFloat(x.type.dtype) || !isAcross(0) || !isAcross(1) || !free(narrow).every((axis) => isUnit(y.type.shape[axis]))) return undefined;
  const kept = others(y.type.shape, free(narrow)), places = kept.map((axis) => [...batch[wide], ...contract[wide]][[...batch[narrow], ...contract[narrow]].indexOf(axis)]);
  const order = places.map((_, i) => i).sort((i, j) => places[i] - places[j]), trimmed = kept.length === y.type.shape.length ? y : b.reshape(y, kept.map((axis) => y.type.shape[axis]));
  const spread = b.broadcastInDim(isIdentity(order) ? trimmed : b.transpose(trimmed, order), x.type.shape, order.map((i) => places[i]));
  const sum = b.reduce('add', b.map('mul', narrow === 1 ? [x, spread] : [spread, x]), contract[wide]);
  const left = others(x.type.shape, contract[wide]), perm = [...batch[wide], ...free(wide)].map((axis) => left.indexOf(axis));
  return b.reshape(isIdentity(perm) ? sum : b.transpose(sum, perm), n.type.shape);
};

export const productRules: readonly Rule[] = [
  procedural('dot across batches = sum of products', 'dotGeneral', 'reassociates', acrossBatches, [
    (b, p) => b.dotGeneral(p([2, 3, 4]), p([3, 4]), { batch: [[2], [1]], contract: [[1], [0]] }),
    (b, p) => b.dotGeneral(p([2, 4]), p([5, 3, 2, 4]), { batch: [[1], [3]], contract: [[0], [2]] }),
    (b, p) => b.dotGeneral(p([3, 1, 4]), p([2, 3, 4]), { batch: [[2], [2]], contract: [[0], [1]] }),
  ]),
];
/** Contractions of which nothing is shared become reductions: derivatives and overlaps have been made of them as contractions. */
export const sumProducts = rewrite('sumProducts', productRules);
