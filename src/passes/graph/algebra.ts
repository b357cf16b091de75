import { isFloat, isInteger } from '../../core/dtype.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { canonicalRules } from './canonical.ts';
import { isSplat, splatOf } from './facts.ts';
import { foldRules } from './fold.ts';
import { procedural, rewrite, rule, type Rule } from './rewrite.ts';

const exact = { class: 'exact' } as const, refining = { class: 'refining' } as const, fast = { class: 'fast' } as const;
const whole = { class: 'exact', when: (x: Node) => isInteger(x.type.dtype) } as const;
const real = (x: Node): boolean => isFloat(x.type.dtype);
const isTruth = (x: Node): boolean => x.type.dtype === 'bool';

/** a power of two whose reciprocal is exact and normal in every float */
const isPowerOfTwo = (value: number): boolean => Math.abs(value) >= 2 ** -126 && Math.abs(value) <= 2 ** 126 && Number.isInteger(Math.log2(Math.abs(value)));
const divisor = (_: Node, c: Node): boolean => isPowerOfTwo(splatOf(c) ?? 0);

const identities: readonly Rule[] = [
  rule('x*1 = x', (p, x) => p.map('mul', x, 1), (_, x) => x, exact),
  rule('x*(-1) = -x', (p, x) => p.map('mul', x, -1), (p, x) => p.map('neg', x), exact),
  rule('x/1 = x', (p, x) => p.map('div', x, 1), (_, x) => x, exact),
  rule('x/(-1) = -x', (p, x) => p.map('div', x, -1), (p, x) => p.map('neg', x), { ...exact, when: real }),
  rule('x + (-0) = x', (p, x) => p.map('add', x, -0), (_, x) => x, exact),
  rule('x + 0 = x', (p, x) => p.map('add', x, 0), (_, x) => x, refining),
  rule('0 - x = -x', (p, x) => p.map('sub', 0, x), (p, x) => p.map('neg', x), refining),
  rule('x/2^k = x*2^-k', (p, x, c) => p.map('div', x, p.splat(c)), (p, x, c) => p.map('mul', x, p.compute((v) => 1 / v, c)), { ...exact, when: (x, c) => real(x) && !isSplat(x) && divisor(x, c) }),
  rule('x^1 = x', (p, x) => p.map('pow', x, 1), (_, x) => x, exact),
  rule('x^0 = 1', (p, x) => p.map('pow', x, 0), (p) => p.number(1), exact),
  rule('x^2 = x*x', (p, x) => p.map('pow', x, 2), (p, x) => p.map('mul', x, x), refining),
  rule('x^-1 = 1/x', (p, x) => p.map('pow', x, -1), (p, x) => p.map('div', 1, x), refining),
  rule('1/sqrt x = rsqrt x', (p, x) => p.map('div', 1, p.map('sqrt', x)), (p, x) => p.map('rsqrt', x), refining),
  rule('|-x| = |x|', (p, x) => p.map('abs', p.map('neg', x)), (p, x) => p.map('abs', x), { ...exact, when: (x) => x.type.dtype !== 'u32' }),
  rule('||x|| = |x|', (p, x) => p.map('abs', p.map('abs', x)), (p, x) => p.map('abs', x), exact),
];
const integers: readonly Rule[] = [
  rule('n - n = 0', (p, x) => p.map('sub', x, x), (p) => p.number(0), whole),
  rule('n*0 = 0', (p, x) => p.map('mul', x, 0), (p) => p.number(0), whole),
  rule('(n + c) + d = n + (c + d)', (p, x, c, d) => p.map('add', p.map('add', x, p.splat(c)), p.splat(d)), (p, x, c, d) => p.map('add', x, p.compute((v, w) => v + w, c, d)), whole),
  rule('(n*c)*d = n*(c*d)', (p, x, c, d) => p.map('mul', p.map('mul', x, p.splat(c)), p.splat(d)), (p, x, c, d) => p.map('mul', x, p.compute(Math.imul, c, d)), whole),
];
const extremes: readonly Rule[] = [
  rule('max(x, x) = x', (p, x) => p.map('max', x, x), (_, x) => x, exact),
  rule('min(x, x) = x', (p, x) => p.map('min', x, x), (_, x) => x, exact),
  rule('max(x, -x) = |x|', (p, x) => p.map('max', x, p.map('neg', x)), (p, x) => p.map('abs', x), { ...exact, when: real }),
  rule('min(x, -x) = -|x|', (p, x) => p.map('min', x, p.map('neg', x)), (p, x) => p.map('neg', p.map('abs', x)), { ...exact, when: real }),
  rule('max(max(x, c), d) = max(x, max(c, d))', (p, x, c, d) => p.map('max', p.map('max', x, p.splat(c)), p.splat(d)), (p, x, c, d) => p.map('max', x, p.compute(Math.max, c, d)), exact),
  rule('min(min(x, c), d) = min(x, min(c, d))', (p, x, c, d) => p.map('min', p.map('min', x, p.splat(c)), p.splat(d)), (p, x, c, d) => p.map('min', x, p.compute(Math.min, c, d)), exact),
];
const truths: readonly Rule[] = [
  rule('not not x = x', (p, x) => p.map('not', p.map('not', x)), (_, x) => x, exact),
  rule('not (x = y) is x != y', (p, x, y) => p.map('not', p.map('eq', x, y)), (p, x, y) => p.map('ne', x, y), exact),
  rule('not (x != y) is x = y', (p, x, y) => p.map('not', p.map('ne', x, y)), (p, x, y) => p.map('eq', x, y), exact),
  rule('x and x = x', (p, x) => p.map('and', x, x), (_, x) => x, exact),
  rule('x or x = x', (p, x) => p.map('or', x, x), (_, x) => x, exact),
  rule('x and 0 = 0', (p, x) => p.map('and', x, 0), (p) => p.number(0), exact),
  rule('x or 0 = x', (p, x) => p.map('or', x, 0), (_, x) => x, exact),
  rule('x and true = x', (p, x) => p.map('and', x, 1), (_, x) => x, { ...exact, when: isTruth }),
  rule('x or true = true', (p, x) => p.map('or', x, 1), (p) => p.number(1), { ...exact, when: isTruth }),
  rule('x xor 0 = x', (p, x) => p.map('xor', x, 0), (_, x) => x, exact),
  rule('x xor x = 0', (p, x) => p.map('xor', x, x), (p) => p.number(0), exact),
];
const selections: readonly Rule[] = [
  rule('select(c, x, x) = x', (p, c, x) => p.map('select', c, x, x), (_, __, x) => x, exact),
  rule('select(true, x, y) = x', (p, x, y) => p.map('select', 1, x, y), (_, x) => x, exact),
  rule('select(false, x, y) = y', (p, x, y) => p.map('select', 0, x, y), (_, __, y) => y, exact),
  rule('select(not c, x, y) = select(c, y, x)', (p, c, x, y) => p.map('select', p.map('not', c), x, y), (p, c, x, y) => p.map('select', c, y, x), exact),
  rule('select(c, select(c, x, y), z) = select(c, x, z)', (p, c, x, y, z) => p.map('select', c, p.map('select', c, x, y), z), (p, c, x, _, z) => p.map('select', c, x, z), exact),
  rule('select(c, x, select(c, y, z)) = select(c, x, z)', (p, c, x, y, z) => p.map('select', c, x, p.map('select', c, y, z)), (p, c, x, _, z) => p.map('select', c, x, z), exact),
  rule('select(c, select(d, x, y), y) = select(c and d, x, y)', (p, c, d, x, y) => p.map('select', c, p.map('select', d, x, y), y), (p, c, d, x, y) => p.map('select', p.map('and', c, d), x, y), exact),
];
/** 1 or 0 times a number is that number or 0, also where the number is not finite */
export const masks: readonly Rule[] = [
  procedural('[c]*x = select(c, x, 0)', 'map', 'refining', (n, b) => {
    for (const [x, mask] of [n.inputs, [n.inputs[1], n.inputs[0]]]) {
      const isMask = mask.op === 'map' && mask.attrs.fn === 'convert' && isTruth(mask.inputs[0]);
      if (isMask && !isSplat(x)) return b.map('select', [mask.inputs[0], x, b.like(x, 0)]);
    }
    return undefined;
  }, [(b, p) => b.map('mul', [p([3]), b.convert(p([3], 'bool'), 'f32')]), (b, p) => b.map('mul', [b.convert(p([3], 'bool'), 'i32'), p([3], 'i32')])], ['mul']),
];
const functions: readonly Rule[] = [
  rule('log(exp x) = x', (p, x) => p.map('log', p.map('exp', x)), (_, x) => x, refining),
  rule('log(1 + x) = log1p x', (p, x) => p.map('log', p.map('add', x, 1)), (p, x) => p.map('log1p', x), refining),
  rule('exp x - 1 = expm1 x', (p, x) => p.map('add', p.map('exp', x), -1), (p, x) => p.map('expm1', x), refining),
  rule('1/(1 + exp(-x)) = logistic x', (p, x) => p.map('div', 1, p.map('add', p.map('exp', p.map('neg', x)), 1)), (p, x) => p.map('logistic', x), refining),
];

/** Not the real numbers' laws, or not the floats': only on request. */
export const fastRules: readonly Rule[] = [
  rule('x*0 = 0', (p, x) => p.map('mul', x, 0), (p) => p.number(0), { ...fast, when: real }),
  rule('x - x = 0', (p, x) => p.map('sub', x, x), (p) => p.number(0), { ...fast, when: real }),
  rule('x/c = x*(1/c)', (p, x, c) => p.map('div', x, p.splat(c)), (p, x, c) => p.map('mul', x, p.compute((v) => 1 / v, c)), { ...fast, when: (x, c) => real(x) && !isSplat(x) && splatOf(c) !== 0 }),
  rule('exp(log x) = x', (p, x) => p.map('exp', p.map('log', x)), (_, x) => x, fast),
  rule('x/sqrt y = x*rsqrt y', (p, x, y) => p.map('div', x, p.map('sqrt', y)), (p, x, y) => p.map('mul', x, p.map('rsqrt', y)), fast),
  rule('(x + c) + d = x + (c + d)', (p, x, c, d) => p.map('add', p.map('add', x, p.splat(c)), p.splat(d)), (p, x, c, d) => p.map('add', x, p.compute((v, w) => v + w, c, d)), { ...fast, when: real }),
  rule('(x*c)*d = x*(c*d)', (p, x, c, d) => p.map('mul', p.map('mul', x, p.splat(c)), p.splat(d)), (p, x, c, d) => p.map('mul', x, p.compute((v, w) => v * w, c, d)), { ...fast, when: real }),
];

/** Simplifications that are on by themselves; each holds in its class. */
export const algebraRules: readonly Rule[] = [...identities, ...integers, ...extremes, ...truths, ...selections, ...masks, ...functions];
/** Simplification keeps the canonical form, which its own results may leave. */
export const algebra = rewrite('algebra', [...canonicalRules, ...foldRules, ...algebraRules]);
