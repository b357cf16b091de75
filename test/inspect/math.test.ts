import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { add, customVjp, exp, f32, fn, grad, jvp, logSumExp, matmul, mean, mul, orThrow, pow, relu, softmax, square, sub, sum, transpose, where, greater, div, neg } from '../../src/index.ts';
import { math } from '../../src/inspect/index.ts';
import { asText } from '../../src/inspect/maths/render.ts';
import type { Term } from '../../src/inspect/maths/terms.ts';
import { gradient } from '../../examples/neuron.ts';

const dense = fn([f32([3, 2]), f32(['n', 3]), f32(['n', 2])], (w, x, t) => grad((v: typeof w) => mean(square(sub(relu(matmul(x, v)), t))))(w), { name: 'dw', args: ['w', 'x', 't'] });
const attention = fn([f32(['n', 4]), f32(['m', 4])], (q, k) => softmax(matmul(q, transpose(k))), { name: 'weights', args: ['q', 'k'] });
const pieces = fn([f32(['n']), f32(['n'])], (x, y) => ({ cases: where(greater(x, 0), x, neg(div(y, exp(x)))), top: logSumExp(x), all: sum(mul(x, sub(y, 1))) }), { args: ['x', 'y'] });

describe('maths', () => {
  it.each(['text', 'latex', 'typescript'] as const)('as %s', async (style) => {
    const all = [gradient, dense, attention, pieces].map((f) => orThrow(math(f, { style })));
    await expect(`${all.join('\n\n')}\n`).toMatchFileSnapshot(`../golden/maths/${style}.txt`);
  });
  it('says what has no derivative', () => {
    const own = customVjp((x: ReturnType<typeof f32>) => exp(x), (x) => [exp(x), x], (x, ct) => [mul(ct, x)]);
    const r = math(fn([f32()], (x) => jvp(own)([x], [x])[1]));
    expect(E.isLeft(r) && r.left[0].code).toBe('FX4002');
  });
  it('puts parentheses where they are needed, and nowhere else', () => {
    const name = (n: string): Term => ({ term: 'name', name: n }), op = (o: '+' | '−' | '·' | '×' | '/' | '^', left: Term, right: Term): Term => ({ term: 'infix', op: o, left, right });
    const over = (of: Term): Term => ({ term: 'over', sign: 'add', axes: [0], of });
    const [a, b, c] = ['a', 'b', 'c'].map(name);
    expect([
      op('−', a, op('−', b, c)), op('−', op('−', a, b), c), op('+', a, op('+', b, c)), op('/', a, op('·', b, c)), op('·', op('+', a, b), c),
      op('^', op('^', a, b), c), op('^', a, op('·', b, c)), { term: 'neg', of: op('+', a, b) } as Term, op('·', { term: 'neg', of: a }, b),
      over(op('+', a, b)), op('·', over(a), b), over(op('·', a, b)), over(over(a)), op('×', a, op('·', b, c)), op('·', op('×', a, b), c), op('·', a, op('/', b, c)), op('+', a, op('−', b, c)),
    ].map(asText)).toEqual(['a − (b − c)', 'a − b − c', 'a + b + c', 'a/(b·c)', '(a + b)·c', '(a^b)^c', 'a^(b·c)', '−(a + b)', '(−a)·b', 'Σ₀ (a + b)', '(Σ₀ a)·b', 'Σ₀ a·b', 'Σ₀ Σ₀ a', 'a × (b·c)', '(a × b)·c', 'a·(b/c)', 'a + b − c']);
  });
  it('names no line like the function, and cuts what is deep or would be repeated', () => {
    expect(orThrow(math(fn([f32(), f32()], (x, y) => mul(exp(add(x, y)), sub(add(x, y), 1)), { name: 'a', args: ['x', 'y'] })))).toBe('b = y + x\na = exp(b)·(b − 1)');
    let t: ReturnType<typeof f32> = f32();
    const deep = fn([f32()], (x) => { t = x; for (let i = 0; i < 2000; i++) t = pow(exp(neg(t)), t); return t; });
    expect(orThrow(math(deep)).length).toBeLessThan(200_000);
  });
});
