import { isSym } from '../../core/dim.ts';
import { isFloat, type DType } from '../../core/dtype.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { scalars, type ScalarName } from '../../ir/scalars.ts';
import { isIncreasing, isSplat } from './facts.ts';
import { structuralOrder } from './order.ts';
import { procedural, rewrite, rule, type Rule } from './rewrite.ts';
import { viewRules } from './views.ts';

const exact = { class: 'exact' } as const;
const commutative = Object.entries(scalars).flatMap(([name, row]) => ('commutative' in row ? [name] : []));
const before = structuralOrder();

/** a − b, −a: one way to write a sum with signs */
export const signRules: readonly Rule[] = [
  rule('-(-x) = x', (p, x) => p.map('neg', p.map('neg', x)), (_, x) => x, exact),
  rule('x + (-y) = x - y', (p, x, y) => p.map('add', x, p.map('neg', y)), (p, x, y) => p.map('sub', x, y), exact),
  rule('x - (-y) = x + y', (p, x, y) => p.map('sub', x, p.map('neg', y)), (p, x, y) => p.map('add', x, y), exact),
  rule('x - c = x + (-c)', (p, x, c) => p.map('sub', x, p.splat(c)), (p, x, c) => p.map('add', x, p.compute((v) => -v, c)), { ...exact, when: (x) => !isSplat(x) }),
  rule('(-x)(-y) = xy', (p, x, y) => p.map('mul', p.map('neg', x), p.map('neg', y)), (p, x, y) => p.map('mul', x, y), exact),
  rule('(-x)y = -(xy)', (p, x, y) => p.map('mul', p.map('neg', x), y), (p, x, y) => p.map('neg', p.map('mul', x, y)), exact),
  rule('(-x)/(-y) = x/y', (p, x, y) => p.map('div', p.map('neg', x), p.map('neg', y)), (p, x, y) => p.map('div', x, y), { ...exact, when: floats }),
  rule('(-x)/y = -(x/y)', (p, x, y) => p.map('div', p.map('neg', x), y), (p, x, y) => p.map('neg', p.map('div', x, y)), { ...exact, when: floats }),
  rule('x/(-y) = -(x/y)', (p, x, y) => p.map('div', x, p.map('neg', y)), (p, x, y) => p.map('neg', p.map('div', x, y)), { ...exact, when: floats }),
  rule('-(xc) = x(-c)', (p, x, c) => p.map('neg', p.map('mul', x, p.splat(c))), (p, x, c) => p.map('mul', x, p.compute((v) => -v, c)), { ...exact, when: (x) => !isSplat(x) }),
  rule('-(x/c) = x/(-c)', (p, x, c) => p.map('neg', p.map('div', x, p.splat(c))), (p, x, c) => p.map('div', x, p.compute((v) => -v, c)), { ...exact, when: floats }),
];
function floats(x: Node): boolean { return isFloat(x.type.dtype) && !isSplat(x); }

const mirrored: Partial<Record<string, ScalarName>> = { lt: 'gt', gt: 'lt', le: 'ge', ge: 'le' };
const orderRules: readonly Rule[] = [
  procedural('operands in order, numbers last', 'map', 'exact', (n, b) => (
    before(n.inputs[0], n.inputs[1]) > 0 ? b.map(n.attrs.fn, [n.inputs[1], n.inputs[0]]) : undefined
  ), [(b, p) => b.map('add', [b.constant({ dtype: 'f32', shape: [2] }, 1), p([2])])], commutative),
  procedural('comparisons: numbers right, else less-than', 'map', 'exact', (n, b) => {
    const { fn } = n.attrs, [x, y] = n.inputs, turned = typeof fn === 'string' ? mirrored[fn] : undefined;
    if (turned === undefined || isSplat(y)) return undefined;
    return isSplat(x) || fn === 'gt' || fn === 'ge' ? b.map(turned, [y, x]) : undefined;
  }, [(b, p) => b.map('gt', [p([2]), p([2])]), (b, p) => b.map('le', [b.constant({ dtype: 'f32', shape: [2] }, 1), p([2])])], Object.keys(mirrored)),
];

/** whether every value of a dtype is one of the other */
const holds: { readonly [D in DType]: readonly DType[] } = {
  bool: ['bool', 'i32', 'u32', 'f32', 'f64', 'f16', 'bf16'], i32: ['i32', 'f64'], u32: ['u32', 'f64'], f32: ['f32', 'f64'], f64: ['f64'], f16: ['f16', 'f32', 'f64'], bf16: ['bf16', 'f32', 'f64'],
};
const conversions: readonly Rule[] = [
  procedural('convert to its own dtype', 'map', 'exact', (n) => (n.inputs[0].type.dtype === n.type.dtype ? n.inputs[0] : undefined), [(b, p) => b.map('convert', [p([2])], 'f32')], ['convert']),
  procedural('convert of a convert that keeps every value', 'map', 'exact', ({ inputs: [x], type }, b) => {
    const lossless = x.op === 'map' && x.attrs.fn === 'convert' && holds[x.inputs[0].type.dtype].includes(x.type.dtype);
    return lossless ? b.convert(x.inputs[0], type.dtype) : undefined;
  }, [(b, p) => b.convert(b.convert(p([2]), 'f64'), 'f32'), (b, p) => b.convert(b.convert(p([2], 'bool'), 'i32'), 'f32')], ['convert']),
];

const others: readonly Rule[] = [
  procedural('size of a fixed dimension', 'getDimensionSize', 'exact', ({ inputs: [x], attrs: { axis }, type }, b) => {
    const d = x.type.shape[axis];
    return isSym(d) ? undefined : b.constant(type, d);
  }, [(b, p) => b.getDimensionSize(p([2, 3]), 1)]),
  procedural('equal elements written out are a number', 'constant', 'exact', ({ attrs: { type, value } }, b) => (
    typeof value !== 'number' && value.length > 1 && value.every((v) => Object.is(v, value[0])) ? b.constant(type, value[0]) : undefined
  ), [(b) => b.constant({ dtype: 'f32', shape: [3] }, new Float32Array([2, 2, 2]))]),
  procedural('one result of a reduction of several = reduction of its operand', 'get', 'exact', ({ inputs: [x], attrs: { index } }, b) => (
    x.op === 'reduce' ? b.node('reduce', x.attrs, [x.inputs[index]]) : undefined
  ), [(b, p) => b.get(b.node('reduce', { monoid: 'argMax', axes: [1] }, [p([2, 3]), p([2, 3])]), 1)]),
  procedural('contracted axes in the left order', 'dotGeneral', 'reassociates', ({ inputs: [x, y], attrs: { batch, contract } }, b) => {
    if (isIncreasing(contract[0])) return undefined;
    const order = contract[0].map((_, i) => i).sort((i, j) => contract[0][i] - contract[0][j]);
    return b.dotGeneral(x, y, { batch, contract: [order.map((i) => contract[0][i]), order.map((i) => contract[1][i])] });
  }, [(b, p) => b.dotGeneral(p([2, 3, 4]), p([3, 4, 5]), { batch: [[], []], contract: [[2, 1], [1, 0]] })]),
];

/** Rules that choose one spelling for what has several. */
export const canonicalRules: readonly Rule[] = [...viewRules, ...signRules, ...orderRules, ...conversions, ...others];
export const canonicalise = rewrite('canonicalise', canonicalRules);
