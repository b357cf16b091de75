import { isSym } from '../../core/dim.ts';
import { isFloat } from '../../core/dtype.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { MonoidName } from '../../ir/monoids.ts';
import { runsOf } from './boxes.ts';
import { applies, isUnit, others, sameButUnits, variesAlong, wideAxes } from './facts.ts';
import { inRange, pickExamples, pickOf } from './picks.ts';
import { procedural, type Rule } from './rewrite.ts';
import { onAxes } from './views.ts';

type Reduce = Node<'reduce'>;
/** reductions of one operand that do not ask where an element stands */
const isPlain = (n: Reduce): boolean => n.inputs.length === 1 && plain.has(n.attrs.monoid);
const plain: ReadonlySet<MonoidName> = new Set<MonoidName>(['add', 'mul', 'max', 'min', 'and', 'or']);
const isIdempotent = (monoid: MonoidName): boolean => monoid !== 'add' && monoid !== 'mul';
const rule = (name: string, apply: (n: Reduce, b: Builder) => Node | undefined, examples: Rule['examples']): Rule =>
  procedural(name, 'reduce', 'reassociates', (n, b) => (isPlain(n) ? apply(n, b) : undefined), examples ?? []);

/** the number of elements along the axes, as a value like x */
const sizeLike = (b: Builder, of: Node, axes: readonly number[], like: Node): Node => {
  const named = axes.filter((axis) => isSym(of.type.shape[axis]));
  const fixed = axes.reduce((n, axis) => { const d = of.type.shape[axis]; return isSym(d) ? n : n * d; }, 1);
  const sizes = named.map((axis) => b.broadcastInDim(b.convert(b.getDimensionSize(of, axis), like.type.dtype), like.type.shape, []));
  return sizes.reduce((product, size) => b.map('mul', [product, size]), b.like(like, fixed));
};
const reduceUnless = (b: Builder, monoid: MonoidName, x: Node, axes: readonly number[]): Node => (axes.length === 0 ? x : b.reduce(monoid, x, axes));

export const reductionRules: readonly Rule[] = [
  rule('reduce along axes of size 1 = reshape', (n, b) => {
    const [x] = n.inputs, wide = n.attrs.axes.filter((axis) => !isUnit(x.type.shape[axis]));
    if (wide.length === n.attrs.axes.length && wide.length > 0) return undefined;
    return b.reshape(reduceUnless(b, n.attrs.monoid, x, wide), n.type.shape);
  }, [(b, p) => b.reduce('add', p([2, 1]), [1]), (b, p) => b.reduce('max', p([2, 1, 3]), [1, 2]), (b, p) => b.reduce('add', p([2]), [])]),
  rule('reduce of reduce', (n, b) => {
    const [x] = n.inputs;
    if (x.op !== 'reduce' || x.attrs.monoid !== n.attrs.monoid || x.inputs.length !== 1) return undefined;
    const kept = others(x.inputs[0].type.shape, x.attrs.axes);
    return b.reduce(n.attrs.monoid, x.inputs[0], [...x.attrs.axes, ...n.attrs.axes.map((axis) => kept[axis])]);
  }, [(b, p) => b.reduce('add', b.reduce('add', p([2, 3, 4]), [1]), [1])]),
  rule('reduce of broadcast: once, times the size', (n, b) => {
    const [x] = n.inputs, along = variesAlong(x), { monoid, axes } = n.attrs;
    const repeated = axes.filter((axis) => !along.includes(axis) && !isUnit(x.type.shape[axis]));
    if (repeated.length === 0 || monoid === 'mul' || repeated.some((axis) => x.type.shape[axis] === 0 || (isSym(x.type.shape[axis]) && isIdempotent(monoid)))) return undefined;
    const rest = axes.filter((axis) => !repeated.includes(axis));
    const once = narrow(b, x, repeated);
    const reduced = reduceUnless(b, monoid, once, rest.map((axis) => axis - repeated.filter((r) => r < axis).length));
    return isIdempotent(monoid) ? reduced : b.map('mul', [reduced, sizeLike(b, x, repeated, reduced)]);
  }, [
    (b, p) => b.reduce('add', b.broadcastInDim(p([2]), [2, 3], [0]), [0, 1]), (b, p) => b.reduce('max', b.broadcastInDim(p([2]), [2, 3], [0]), [1]),
    (b, p) => b.map('add', [p([2]), b.reduce('add', b.constant({ dtype: 'f32', shape: [2, 3] }, 0.5), [1])]),
  ]),
  rule('reduce of transpose', (n, b) => {
    const [x] = n.inputs;
    if (x.op !== 'transpose') return undefined;
    const axes = n.attrs.axes.map((axis) => x.attrs.perm[axis]), [inner] = x.inputs;
    const kept = others(inner.type.shape, axes), order = others(x.type.shape, n.attrs.axes).map((axis) => kept.indexOf(x.attrs.perm[axis]));
    return b.transpose(b.reduce(n.attrs.monoid, inner, axes), order);
  }, [(b, p) => b.reduce('add', b.transpose(p([2, 3, 4]), [2, 0, 1]), [1])]),
  rule('reduce of reshape that joins or divides what is reduced', (n, b) => {
    const [x] = n.inputs, groups = x.op === 'reshape' ? runsOf(x.inputs[0].type.shape, x.type.shape) : undefined, { axes, monoid } = n.attrs;
    if (x.op !== 'reshape' || groups === undefined || !groups.every(({ to }) => to.every((axis) => axes.includes(axis)) || !to.some((axis) => axes.includes(axis)))) return undefined;
    const own = groups.flatMap(({ from, to }) => (to.some((axis) => axes.includes(axis)) ? from : []));
    return own.length === 0 ? undefined : b.reshape(b.reduce(monoid, x.inputs[0], own), n.type.shape);
  }, [(b, p) => b.reduce('add', b.reshape(p([3, 2, 2, 2, 5]), [3, 4, 2, 5]), [1, 2]), (b, p) => b.reduce('max', b.reshape(p([6, 2]), [3, 2, 2]), [0, 1])]),
  rule('reduce of reshape by axes of size 1', (n, b) => {
    const [x] = n.inputs;
    if (x.op !== 'reshape' || !sameButUnits(x.inputs[0].type.shape, x.type.shape)) return undefined;
    const target = wideAxes(x.inputs[0].type.shape), wide = wideAxes(x.type.shape);
    const axes = n.attrs.axes.filter((axis) => !isUnit(x.type.shape[axis])).map((axis) => target[wide.indexOf(axis)]);
    return b.reshape(reduceUnless(b, n.attrs.monoid, x.inputs[0], axes), n.type.shape);
  }, [(b, p) => b.reduce('add', b.reshape(p([2, 3]), [2, 1, 3]), [1, 2])]),
  rule('sum of -x = -(sum of x)', (n, b) => {
    const [x] = n.inputs;
    return n.attrs.monoid === 'add' && applies(x, 'neg') ? b.map('neg', [b.reduce('add', x.inputs[0], n.attrs.axes)]) : undefined;
  }, [(b, p) => b.reduce('add', b.map('neg', [p([2, 3])]), [1])]),
  rule('sum of x*c = c*(sum of x)', (n, b) => {
    const [x] = n.inputs;
    if (n.attrs.monoid !== 'add' || !applies(x, 'mul') || !isFloat(n.type.dtype)) return undefined;
    const factor = x.inputs.findIndex((y) => n.attrs.axes.every((axis) => !variesAlong(y).includes(axis)));
    if (factor < 0) return undefined;
    const sum = b.reduce('add', x.inputs[1 - factor], n.attrs.axes);
    return b.map('mul', [sum, narrow(b, x.inputs[factor], n.attrs.axes)]);
  }, [(b, p) => b.reduce('add', b.map('mul', [p([2, 3]), b.broadcastInDim(p([2]), [2, 3], [0])]), [1])]),
  rule('picked from what is constant along the row = that, or 0', (n, b) => {
    const pick = pickOf(n);
    if (pick === undefined || variesAlong(pick.of).includes(pick.axis)) return undefined;
    const value = narrow(b, pick.of, [pick.axis]), rows = inRange(b, pick);
    return rows === undefined ? value : b.map('select', [rows, value, b.like(value, 0)]);
  }, pickExamples((b, p) => b.broadcastInDim(p([3]), [3, 4], [0]), (_, x) => x)),
];

/** a value that does not vary along the axes, without them */
function narrow(b: Builder, x: Node, axes: readonly number[]): Node {
  const kept = others(x.type.shape, axes);
  return onAxes(x, kept, kept.map((axis) => x.type.shape[axis]), b);
}
