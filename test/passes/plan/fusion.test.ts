import { describe, expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import { defaultStages, stagesOf } from '../../../src/compile/stages.ts';
import { lower } from '../../../src/expr/lower/lower.ts';
import { add, div, exp, f32, fn, gelu, i32, log, logSoftmax, matmul, max, mean, mul, neg, oneHot, orThrow, pad, relu, reshape, slice, softmax, sqrt, stopGradient, sub, sum, transpose, valueAndGrad, variance, type F32 } from '../../../src/index.ts';
import { nameOf, printPlan } from '../../../src/passes/plan/print.ts';

const planOf = (f: unknown) => stagesOf(orThrow(lower(f, { dims: { n: 12, c: 7 } })).module, js(), defaultStages).plan;
const rows = f32(['n', 'c']), keep = { keepdims: true } as const;
type Rows = typeof rows;

describe('one kernel', () => {
  const normalised = (x: Rows) => div(sub(x, mean(x, -1, keep)), sqrt(add(variance(x, -1, keep), 1e-5)));
  it.each([
    ['softmax', fn([rows], (x) => softmax(x))],
    ['logSoftmax', fn([rows], (x) => logSoftmax(x))],
    ['layer normalisation', fn([rows], normalised)],
    ['softmax of a normalised row, scaled', fn([rows], (x) => mul(softmax(normalised(x)), 2))],
    ['a chain of elementwise functions', fn([rows], (x) => gelu(relu(add(mul(x, 2), 1))))],
    ['a contraction with bias and relu', fn([rows, f32(['c', 5]), f32([5])], (x, w, b) => relu(add(matmul(x, w), b)))],
    ['two sums over the same rows', fn([rows], (x) => ({ sum: sum(x, -1), top: max(x, -1) }))],
  ] as const)('is %s', (_, f) => expect(planOf(f).groups).toHaveLength(1));
});

describe('views are index arithmetic', () => {
  const views = fn([f32([4, 6]), f32([24])], (x, y) => add(reshape(transpose(slice(pad(x, [1, 0], [1, 0]), 0, 1, 5)), [24]), y));
  it('and no kernel of their own', () => {
    const { groups, stored } = planOf(views);
    expect(groups.map((g) => g.members.map(nameOf))).toEqual([['add']]);
    expect(stored.size).toBe(1);
  });
  it('unless one is the result', () => expect(planOf(fn([f32([4, 6])], (x) => transpose(x))).groups).toHaveLength(1));
});

describe('cross-entropy with its gradient', () => {
  const labels = i32(['n']);
  const loss = (logProbabilities: (z: Rows) => F32<['n', 'c']>) => fn([f32([12, 7]), i32([12])], (z, y) =>
    valueAndGrad((x: typeof z) => neg(mean(sum(mul(logProbabilities(x as unknown as Rows) as unknown as typeof z, oneHot(y, 7)), -1))))(z));
  const spellings = {
    composite: loss((z) => log(softmax(z))),
    bare: loss((z) => { const e = exp(z); return log(div(e, sum(e, -1, keep))); }),
    shifted: loss((z) => { const e = exp(sub(z, stopGradient(max(z, -1, keep)))); return log(div(e, sum(e, -1, keep))); }),
    'log-softmax': loss((z) => logSoftmax(z)),
  };
  const wanted = printPlan(planOf(spellings.composite));
  it('is one kernel', () => { expect(labels.dtype).toBe('i32'); expect(wanted.split('\n')).toHaveLength(1); });
  it.each(Object.entries(spellings))('%s: the same plan', (_, f) => expect(printPlan(planOf(f))).toBe(wanted));
});

describe('a plan says why', () => {
  it('for what it merged and what it did not', () => {
    const two = planOf(fn([rows, f32(['c', 5]), f32([5, 4])], (x, w, v) => matmul(relu(matmul(x, w)), v)));
    expect(two.groups).toHaveLength(2);
    expect(printPlan(two, { why: true })).toMatch(/merged by epilogue: contract:\d+ into map:\d+, saves \d+ bytes of memory traffic[\s\S]*refused by epilogue: .*, two contractions/);
  });
});
