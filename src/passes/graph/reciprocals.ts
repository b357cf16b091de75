import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { copyNode } from '../../ir/graph/walk.ts';
import { applies, countOf } from './facts.ts';
import { procedural, rewrite, type Rule } from './rewrite.ts';

const isSpread = (x: Node): boolean => x.op === 'broadcastInDim' || x.op === 'reshape';
/** what is spread over more elements */
const underSpread = (x: Node): Node => (isSpread(x) ? underSpread(x.inputs[0]) : x);
const spreadLike = (b: Builder, x: Node, made: Node): Node => (isSpread(x) ? copyNode(b, x, [spreadLike(b, x.inputs[0], made)]) : made);

/** Σ e^(x − max x): one of its terms is 1, so that it is no less, and it is finite */
const isShareSum = (s: Node): boolean => {
  if (s.op !== 'reduce' || s.attrs.monoid !== 'add' || s.inputs.length !== 1 || !applies(s.inputs[0], 'exp')) return false;
  const [shifted] = s.inputs[0].inputs;
  if (!applies(shifted, 'sub')) return false;
  const [x, top] = shifted.inputs, max = underSpread(top);
  return max.op === 'reduce' && max.attrs.monoid === 'max' && max.inputs[0] === x && max.attrs.axes.join() === s.attrs.axes.join();
};
const fewerDivisions = (n: Node<'map'>, b: Builder): Node | undefined => {
  const [x, y] = n.inputs, s = underSpread(y), all = countOf(x.type.shape), few = countOf(s.type.shape);
  if (n.attrs.fn !== 'div' || s === y || !isShareSum(s) || (all !== undefined && few !== undefined && all <= few)) return undefined;
  return b.map('mul', [x, spreadLike(b, y, b.map('div', [b.like(s, 1), s]))]);
};

const shares = (b: Builder, x: Node): readonly [Node, Node] => {
  const e = b.map('exp', [b.map('sub', [x, b.broadcastInDim(b.reduce('max', x, [1]), [3, 4], [0])])]);
  return [e, b.reduce('add', e, [1])];
};
export const reciprocalRules: readonly Rule[] = [
  procedural('x/spread(sum exp(z - max z)) = x*spread(1/sum)', 'map', 'reassociates', fewerDivisions, [
    (b, p) => { const [e, s] = shares(b, p([3, 4])); return b.map('div', [e, b.broadcastInDim(s, [3, 4], [0])]); },
    (b, p) => { const [, s] = shares(b, p([3, 4])); return b.map('div', [p([3, 5]), b.broadcastInDim(b.reshape(s, [3, 1]), [3, 5], [0, 1])]); },
  ], ['div']),
];
/**
 * The shares of a row are its exponentials by one reciprocal: a division for each row and not for each element. It rounds once
 * more; where the divisor could be so small that its reciprocal overflows, divisions stay.
 */
export const reciprocals = rewrite('reciprocals', reciprocalRules);
