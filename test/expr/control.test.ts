import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { defaultStages, stagesOf } from '../../src/compile/stages.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { add, array, compile, concat, cond, constant, convert, cos, f32, fn, foriLoop, grad, greater, jvp, less, matmul, mul, neg, orThrow, scan, sin, square, sub, sum, switchCase, tanh, whileLoop, zeros, type Fn, type NDArray, type Tensor } from '../../src/index.ts';
import { explain } from '../../src/inspect/index.ts';
import { nodesOf } from '../../src/ir/graph/walk.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { checkGradients } from '../../src/testing/index.ts';
import { said, unchecked } from '../messages.ts';

type Vector = Tensor<[3], 'f32'>;
const x = [0.5, -1, 2], backends: readonly (readonly [string, Backend<'sync'>])[] = [['reference', reference()], ['js', js()], ['wasm', wasm({ threads: 1 })], ['wasm on two threads', wasm({ threads: 2 })]];
const run = (f: Fn<[Vector], unknown>, backend: Backend<'sync'>): readonly number[] => {
  // SAFETY: whatever the function gives, its leaves are arrays of one program
  const result = orThrow(compile(f, { backend }))(array(x, [3])) as NDArray<unknown> | readonly NDArray<unknown>[];
  return (Array.isArray(result) ? result : [result]).flatMap((r: NDArray<unknown>) => Array.from(r.data));
};
const over = (body: (v: Vector) => unknown): Fn<[Vector], unknown> => fn([f32([3])], body);
const total = (v: Tensor<number[], 'f32'>): Tensor<[], 'f32'> => sum(v);
const table: { readonly [name: string]: readonly [Fn<[Vector], unknown>, readonly number[]] } = {
  'a scan gives the last carry and what each run gave': [over((v) => scan((c: Tensor<[], 'f32'>, row: Tensor<[], 'f32'>) => [add(c, row), c] as const, sum(mul(v, 0)), v)), [1.5, 0, 0.5, -0.5]],
  'a scan from the end leaves rows where they are': [over((v) => scan((c: Tensor<[], 'f32'>, row: Tensor<[], 'f32'>) => [add(c, row), c] as const, sum(mul(v, 0)), v, { reverse: true })), [1.5, 1, 2, 0]],
  'a scan takes what is around it': [over((v) => scan((c: Tensor<[], 'f32'>, row: Tensor<[], 'f32'>) => [add(c, mul(row, sum(v))), undefined] as const, sum(mul(v, 0)), v)[0]), [2.25]],
  'carries may change places': [over((v) => foriLoop(3, (_, [a, b]: readonly [Vector, Vector]) => [b, add(a, b)] as const, [v, mul(v, 0)] as const)), [0.5, -1, 2, 1, -2, 4]],
  'a loop of numbers counts them': [over((v) => foriLoop(4, (i, c) => switchCase(i, [() => add(c, v), () => mul(c, 2), () => neg(c)]), v)), [2, -4, 8]],
  'a loop in a loop': [over((v) => foriLoop(2, (_, c) => foriLoop(3, (__, d) => mul(d, 2), c), v)), [32, -64, 128]],
  'a loop while a test holds': [over((v) => whileLoop((c) => less(sum(square(c)), 100), (c) => mul(c, 2), v)), [4, -8, 16]],
  'a loop whose test fails at once': [over((v) => whileLoop((c) => less(sum(c), 0), (c) => mul(c, 2), v)), x],
  'the first of two': [over((v) => cond(greater(sum(v), 0), () => mul(v, 2), () => neg(v))), [1, -2, 4]],
  'the second of two': [over((v) => cond(greater(sum(v), 2), () => mul(v, 2), () => neg(v))), [-0.5, 1, -2]],
  'a number beyond takes the last': [over((v) => switchCase(convert(add(mul(sum(v), 0), 7), 'i32'), [() => v, () => sub(v, 1)])), [-0.5, -2, 1]],
  'the gradient of the branch that was taken': [over((v) => grad((w: Vector) => total(cond(greater(sum(w), 0), () => square(w), () => neg(w))))(v)), [1, -2, 4]],
  'the gradient of a loop with a bound': [over((v) => grad((w: Vector) => total(whileLoop((c) => less(sum(square(c)), 100), (c) => mul(c, 2), w, { most: 9 })))(v)), [8, 8, 8]],
  'the tangent of a loop without one': [over((v) => jvp((w: Vector) => whileLoop((c) => less(sum(square(c)), 100), (c) => mul(c, 2), w))([v], [v])), [4, -8, 16, 4, -8, 16]],
};
describe('control flow', () => {
  describe.each(Object.entries(table))('%s', (__, [f, wanted]) => {
    it.each(backends)('on %s', (___, backend) => run(f, backend).forEach((y, i) => expect(y).toBeCloseTo(wanted[i], 4)));
  });
  const recurrent = (w: Tensor<[3, 3], 'f32'>, h: Tensor<[2, 3], 'f32'>, xs: Tensor<[4, 2, 3], 'f32'>): Tensor<[], 'f32'> => {
    const [last, sums] = scan((c: Tensor<[2, 3], 'f32'>, row: Tensor<[2, 3], 'f32'>) => { const next = tanh(add(matmul(c, w), row)); return [next, sum(square(next))] as const; }, h, xs, { reverse: true });
    return add(sum(last), sum(sin(sums)));
  };
  const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1.3 * i));
  it('has the derivatives that differences show, and those of second order', () => {
    const { compared, skipped } = orThrow(checkGradients(recurrent, [array(numbers(9), [3, 3]), array(numbers(6), [2, 3]), array(numbers(24), [4, 2, 3])], { order: 2 }));
    expect([compared > 70, skipped]).toEqual([true, 0]);
  });
  it('of loops in loops too', () => {
    const f = (v: Vector): Tensor<[], 'f32'> => total(foriLoop(3, (_, c) => scan((d: Vector, row: Tensor<[], 'f32'>) => [sin(add(d, mul(v, row))), undefined] as const, c, cos(v))[0], v));
    expect(orThrow(checkGradients(f, [array(x, [3])], { order: 2 })).skipped).toBe(0);
  });
});

describe('a loop in a compiled program', () => {
  const stages = (f: unknown) => stagesOf(orThrow(lower(f)).module, wasm({ threads: 1 }), { ...defaultStages, verify: true });
  it('overwrites its carry and reads rows where they lie: one kernel a run', () => {
    const { program } = stages(fn([f32([4]), f32([1000, 4])], (h, xs) => scan((c: Tensor<[4], 'f32'>, row: Tensor<[4], 'f32'>) => [add(mul(c, 0.5), row), undefined] as const, h, xs)[0]));
    const loop = program.steps.find((s) => s.kind === 'loop');
    expect(loop?.kind === 'loop' && loop.body.map((s) => s.kind)).toEqual(['run']);
    expect([...program.buffers.values()].filter((b) => b.role === 'temporary')).toEqual([]);
  });
  it('contracts before the runs what needs no carry, both ways', () => {
    const rnn = fn([f32([16, 16]), f32([16, 16]), f32([20, 4, 16])], (w, u, xs) => grad((p: readonly [typeof w, typeof u]) => sum(scan((c: Tensor<[4, 16], 'f32'>, row: Tensor<[4, 16], 'f32'>) => [tanh(add(matmul(c, p[1]), matmul(row, p[0]))), undefined] as const, zeros([4, 16]), xs)[0]))([w, u] as const));
    const { plan, program } = stages(rnn), outside = plan.groups.filter((g) => g.nest.kind === 'contract').map((g) => g.roots[0].type.shape);
    // the products of all inputs with their weights; in reverse mode those of all states, which are computed again
    expect(outside).toEqual([[20, 4, 16], [20, 4, 16]]);
    // what is left in the runs: the product with the state, forward; backward the pull through it and the two sums of outer products
    const inside = program.steps.flatMap((s) => (s.kind === 'loop' ? [s.body.filter((r) => r.kind === 'run' && r.kernel.includes('contract')).length] : []));
    expect(inside).toEqual([1, 3]);
  });
  it('computes in a branch what only that branch needs, and outside what both do', () => {
    const { module } = stages(over((v) => { const both = cos(v); return cond(greater(sum(v), 0), () => mul(sin(both), both), () => neg(both)); }));
    const main = nodesOf(mainOf(module)).flatMap((n) => (n.op === 'map' && typeof n.attrs.fn === 'string' ? [n.attrs.fn] : []));
    expect(main.filter((name) => ['cos', 'sin', 'mul', 'neg'].includes(name))).toEqual(['cos']);
  });
  it('is explained kernel by kernel, each as it runs once', () => {
    const { kernels } = orThrow(explain(over((v) => foriLoop(5, (_, c) => cond(greater(sum(c), 0), () => mul(c, 2), () => sin(c)), v)), { measure: { clock: () => performance.now() } }));
    expect(kernels.map((k) => k.name)).toEqual(['scan_0_rows_0', 'scan_0_case_1_a_map_0', 'scan_0_case_1_b_map_0']);
    expect(kernels.every((k) => k.operations > 0 && k.operations < 20 && (k.measuredMs ?? 0) > 0)).toBe(true);
  });
  it('keeps of each run in reverse mode what it began with, and no more', () => {
    const { program } = stages(fn([f32([4]), f32([50, 4])], (h, xs) => grad((v: readonly [Tensor<[4], 'f32'>, Tensor<[50, 4], 'f32'>]) => sum(scan((c: Tensor<[4], 'f32'>, row: Tensor<[4], 'f32'>) => [sin(add(mul(c, c), row)), undefined] as const, v[0], v[1])[0]))([h, xs] as const)));
    const large = [...program.buffers.values()].filter((b) => b.role === 'temporary' && b.layout.size >= 200);
    expect(large.map((b) => b.layout.size)).toEqual([200]);
  });
});

describe('the keys of trees count, not their order', () => {
  type State = { readonly a: Tensor<[], 'f32'>; readonly b: Tensor<[], 'f32'> };
  const one = (): State => ({ a: constant(1), b: constant(2) }), swapped = ({ a, b }: State): State => ({ b, a: add(a, b) });
  const cases: readonly (readonly [string, () => State, readonly number[]])[] = [
    ['foriLoop', () => foriLoop(3, (_, c) => swapped(c), one()), [7, 2]],
    ['foriLoop in segments', () => foriLoop(9, (_, c) => swapped(c), one(), { save: 'segments' }), [19, 2]],
    ['scan', () => { const [c, { y }] = scan((s: State, row: Tensor<[], 'f32'>) => [swapped(s), { z: s.b, y: add(s.a, row) }] as const, one(), zeros([3])); return { a: c.a, b: sum(y) }; }, [7, 9]],
    ['whileLoop', () => whileLoop((c) => less(c.a, 6), swapped, one()), [7, 2]],
    ['whileLoop with a bound', () => whileLoop((c) => less(c.a, 6), swapped, one(), { most: 9 }), [7, 2]],
    ['the second of two', () => cond(less(one().a, 0), one, () => swapped(one())), [3, 2]],
    ['the third of three', () => switchCase(convert(constant(2), 'i32'), [one, one, () => swapped(one())]), [3, 2]],
    ['lists in records', () => { const [{ p: [a], q }] = foriLoop(2, (_, [{ p: [r], q: s }]) => [{ q: s, p: [add(r, s)] as const }] as const, [{ p: [constant(1)], q: constant(5) }] as const); return { a, b: q }; }, [11, 5]],
  ];
  it.each(cases)('%s', (_, body, wanted) => {
    const f = over(() => { const { a, b } = body(); return [a, b] as const; });
    expect(run(f, js())).toEqual(wanted);
  });
  it('in reverse mode too', () => {
    const f = (x: Tensor<[], 'f32'>) => foriLoop(3, (_, c) => swapped(c), { a: x, b: mul(x, x) }).a;
    expect(run(over((v) => grad(f)(sum(v))), js())).toEqual([10]);
  });
});

describe('what is wrong with a loop is said', () => {
  const words = (body: (v: Vector) => unknown): string => { const made = lower(over(body)); return E.isLeft(made) ? said(made) : 'nothing'; };
  it.each([
    ['a carry that grows', (v: Vector) => scan((c: Vector, row: Tensor<[], 'f32'>) => [unchecked(concat([c, c], 0)), row] as const, v, v), /FX1010.*scan: the carry is f32\[3\], but a run gives f32\[6\]/s],
    ['rows of different numbers', (v: Vector) => scan((c: Vector, _: unknown) => [c, c] as const, v, [v, f32([2])] as const), /FX1009.*needs a first axis of one size/s],
    ['nothing to run over', (v: Vector) => scan((c: Vector, _: unknown) => [c, c] as const, v, {}), /FX1010.*there is nothing to run over/s],
    ['a test of several', (v: Vector) => whileLoop((c: Vector) => unchecked(less(c, 0)), (c) => c, v), /FX1008.*must give one bool, but gives bool\[3\]/s],
    ['branches of different types', (v: Vector) => cond(greater(sum(v), 0), () => v as Tensor<number[], 'f32'>, () => unchecked(sum(v))), /FX1010.*one branch gives f32\[3\], another f32\[\]/s],
    ['a carry that loses a key', (v: Vector) => foriLoop(3, (_, c) => unchecked({ a: c.a }), { a: v, b: v }), /FX1010.*foriLoop: 'b' of the carry is f32\[3\], but a run gives no tensor/s],
    ['a carry with a key more', (v: Vector) => whileLoop((c) => less(sum(c.a), 9), (c) => unchecked({ ...c, b: [v] }), { a: v }), /FX1010.*whileLoop: 'b.0' of the carry is no tensor, but a run gives f32\[3\]/s],
    ['a carry with another key, in a bounded loop', (v: Vector) => whileLoop((c) => less(sum(c.a), 9), (c) => unchecked({ b: c.a }), { a: v }, { most: 3 }), /FX1010.*whileLoop: 'a' of the carry is f32\[3\], but a run gives no tensor/s],
    ['a carry with types exchanged', (v: Vector) => scan((c: { a: Vector; b: Tensor<[], 'f32'> }, row: Tensor<[], 'f32'>) => [unchecked({ a: c.b, b: c.a }), row] as const, { a: v, b: sum(v) }, v)[0], /FX1010.*scan: 'a' of the carry is f32\[3\], but a run gives f32\[\]/s],
    ['a step that gives no pair', (v: Vector) => scan((c: Vector, _: Tensor<[], 'f32'>) => unchecked({ c }), v, v)[0], /FX1010.*scan: the carry is f32\[3\], but a run gives no tensor.*hint: the function gives \[carry, row\]/s],
    ['a carry that is a number at first', (v: Vector) => foriLoop(3, (_, c: number) => unchecked(add(v, c)), 0), /FX1010.*foriLoop: the carry is no tensor, but a run gives f32\[3\]/s],
    ['a branch with another key', (v: Vector) => cond(greater(sum(v), 0), () => ({ a: v }), () => unchecked({ b: v })), /FX1010.*cond: at 'a' one branch gives f32\[3\], another no tensor/s],
    ['a branch with a key more', (v: Vector) => switchCase(convert(sum(v), 'i32'), [() => ({ a: v }), () => ({ a: v }), () => unchecked({ a: v, b: v })]), /FX1010.*switchCase: at 'b' one branch gives no tensor, another f32\[3\]/s],
    ['a branch of numbers', (v: Vector) => cond(greater(sum(v), 0), () => ({ a: 0 }), () => unchecked({ a: v })), /FX1010.*cond: at 'a' one branch gives no tensor, another f32\[3\]/s],
    ['reverse mode through an open loop', (v: Vector) => grad((w: Vector) => total(whileLoop((c) => less(sum(c), 9), (c) => mul(c, 2), w)))(v), /nothing/],
  ] as const)('%s', (_, body, wanted) => expect(words(body)).toMatch(wanted));
  it('where it is compiled: an open loop has no reverse mode, and `most` gives it one', () => {
    const open = compile(over((v) => grad((w: Vector) => total(whileLoop((c) => less(sum(c), 9), (c) => mul(c, 2), w)))(v)), { backend: js() });
    expect(E.isLeft(open) && said(open)).toMatch(/FX4001.*while has no reverse-mode derivative/s);
  });
});
