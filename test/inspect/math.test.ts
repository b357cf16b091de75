import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.ts';
import { add, bitwiseAnd, bitwiseNot, bitwiseXor, compile, customVjp, exp, f32, fn, grad, i32, jvp, logicalAnd, logSumExp, matmul, mean, mul, orThrow, popcount, pow, relu, shiftRightLogical, softmax, square, sub, sum, transpose, where, greater, div, neg, type F32 } from '../../src/index.ts';
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
  const descent = fn([{ w: f32([2, 3]), b: f32([3]) }, f32([4, 2]), f32([4, 3])], (p, x, t) => {
    const loss = (q: typeof p) => mean(square(sub(relu(add(matmul(x, q.w), q.b)), t))), g = grad(loss)(p);
    return { p: { w: sub(p.w, mul(g.w, 0.5)), b: sub(p.b, mul(g.b, 0.5)) }, x: mul(x, 2), loss: loss(p) };
  }, { name: 'descent', args: ['p', 'x', 't'] });
  it('in TypeScript runs as it stands: with the library’s functions and the arguments in scope it gives the same numbers', () => {
    const text = orThrow(math(descent, { style: 'typescript' })), results = ['p_w', 'p_b', 'xNext', 'loss'], words: readonly (readonly [string, unknown])[] = Object.entries(library);
    for (const name of results) expect(text).toMatch(new RegExp(`^const ${name} = `, 'm'));
    const body = new Function(...words.map(([name]) => name), 'p', 'x', 't', `'use strict';\n${text}\nreturn [${results.join(', ')}];`) as (...args: readonly unknown[]) => readonly F32<[]>[];
    const args: [{ w: number[][]; b: number[] }, number[][], number[][]] = [{ w: [[1, -2, 0.5], [0.25, 1, -1]], b: [0.5, 0.25, -0.125] }, [[1, 2], [0, 1], [-1, 0.5], [2, 2]], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]];
    const asWritten = fn(descent.example, (...own) => body(...words.map(([, word]) => word), ...own));
    const { p, x, loss } = orThrow(compile(descent))(...args), got = orThrow(compile(asWritten))(...args);
    [p.w, p.b, x, loss].forEach((wanted, i) => { got[i].data.forEach((v, k) => expect(v).toBeCloseTo(wanted.data[k], 5)); });
  });
  it('tells a result from the input of the same name', () => {
    const own = (style: 'text' | 'latex') => orThrow(math(descent, { style })).split('\n').filter((l) => /^(?:\\mathit\{)?(?:p\.w|x)/.test(l)).map((l) => l.split(' = ')[0]);
    expect([own('text'), own('latex')]).toEqual([['p.w′', 'x′'], ["\\mathit{p.w'}", "\\mathit{x'}"]]);
  });
  it('tells the bits of integers from truths', () => {
    const f = fn([i32([2]), i32([2])], (x, y) => where(logicalAnd(greater(x, 0), greater(y, 0)), bitwiseXor(bitwiseAnd(x, y), shiftRightLogical(bitwiseNot(x), 1)), popcount(y)), { name: 'f', args: ['x', 'y'] });
    expect(orThrow(math(f, { style: 'typescript' }))).toBe('const f = where(logicalAnd(greater(x, 0), greater(y, 0)), bitwiseXor(shiftRightLogical(bitwiseNot(x), 1), bitwiseAnd(y, x)), popcount(y));');
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
