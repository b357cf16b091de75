import { sameShape, type Dims } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { algebraRules } from './algebra.ts';
import { canonicalRules } from './canonical.ts';
import { contractionRules } from './contractions.ts';
import { isSplat, splatOf } from './facts.ts';
import { foldRules } from './fold.ts';
import { scaleRules } from './hoistScale.ts';
import { reductionRules } from './reductions.ts';
import { procedural, rewrite, type Rule } from './rewrite.ts';
import { inverse } from './views.ts';
import { windowRules } from './windows.ts';

/** f(viewᵢ xᵢ) = view f(xᵢ): where every operand can stand on the view's other side at no cost, the view moves to the result. */
const sink = (n: Node<'map'>, b: Builder, back: (x: Node) => Node | undefined, forth: (x: Node) => Node): Node | undefined => {
  const moved = n.inputs.map(back);
  const operands = moved.filter((x) => x !== undefined);
  return operands.length < moved.length ? undefined : forth(b.map(n.attrs.fn, operands, n.attrs.dtype));
};
const sinkTranspose = (n: Node<'map'>, b: Builder): Node | undefined => {
  const view = n.inputs.find((x) => x.op === 'transpose');
  if (view?.op !== 'transpose') return undefined;
  const { perm } = view.attrs;
  return sink(n, b, (x) => {
    if (x.op === 'transpose') return x.attrs.perm.join() === perm.join() ? x.inputs[0] : undefined;
    return isFree(x) ? b.transpose(x, inverse(perm)) : undefined;
  }, (x) => b.transpose(x, perm));
};
/** what takes another shape or order of axes without being computed anew */
const isFree = (x: Node): boolean => isSplat(x) || x.op === 'broadcastInDim' || x.op === 'iota';

const sinkReshape = (n: Node<'map'>, b: Builder): Node | undefined => {
  const view = n.inputs.find((x) => x.op === 'reshape');
  if (view === undefined) return undefined;
  const { shape } = view.inputs[0].type;
  return sink(n, b, (x) => reshapedFrom(x, shape, b), (x) => b.reshape(x, n.type.shape));
};
const reshapedFrom = (x: Node, shape: Dims, b: Builder): Node | undefined => {
  if (x.op === 'reshape') return sameShape(x.inputs[0].type.shape, shape) ? x.inputs[0] : undefined;
  return isSplat(x) ? b.reshape(x, shape) : undefined;
};

/** select(c, view(select(d, x, y)), y), with numbers for y: what chooses goes through the view, to be one choice with the other */
const joinSelections = (n: Node<'map'>, b: Builder): Node | undefined => {
  const [c, view, y] = n.inputs, inner = n.attrs.fn === 'select' && view.op === 'reshape' ? view.inputs[0] : undefined;
  if (inner?.op !== 'map' || inner.attrs.fn !== 'select' || splatOf(y) === undefined || !Object.is(splatOf(y), splatOf(inner.inputs[2]))) return undefined;
  const [d, x, other] = inner.inputs;
  return b.reshape(b.map('select', [b.map('and', [b.reshape(c, d.type.shape), d]), x, other]), n.type.shape);
};

export const moveRules: readonly Rule[] = [
  procedural('select(c, reshape(select(d, x, k)), k) = reshape(select(c and d, x, k))', 'map', 'exact', joinSelections, [
    (b, p) => b.map('select', [p([6], 'bool'), b.reshape(b.map('select', [p([2, 3], 'bool'), p([2, 3]), b.constant({ dtype: 'f32', shape: [2, 3] }, 0)]), [6]), b.constant({ dtype: 'f32', shape: [6] }, 0)]),
  ], ['select']),
  procedural('map of transposes = transpose of map', 'map', 'exact', sinkTranspose, [
    (b, p) => b.map('exp', [b.transpose(p([2, 3]), [1, 0])]),
    (b, p) => b.map('mul', [b.transpose(p([2, 3]), [1, 0]), b.broadcastInDim(p([3]), [3, 2], [0])]),
  ]),
  procedural('map of reshapes = reshape of map', 'map', 'exact', sinkReshape, [
    (b, p) => b.map('exp', [b.reshape(p([2, 3]), [6])]), (b, p) => b.map('add', [b.reshape(p([2, 3]), [6]), b.reshape(p([2, 3]), [6])]),
  ]),
];

/** every rule that is on by itself and needs no derivative to be settled first */
export const simplifyingRules: readonly Rule[] = [...canonicalRules, ...foldRules, ...algebraRules, ...reductionRules, ...contractionRules, ...windowRules, ...scaleRules, ...moveRules];
/** Elementwise chains stay on one shape; reductions and contractions read through the views that they can absorb. */
export const moveViews = rewrite('moveViews', simplifyingRules);
