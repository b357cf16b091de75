import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js } from '../../src/backends/js/js.ts';
import { reference } from '../../src/backends/reference/reference.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { toBF16 } from '../../src/core/half.ts';
import * as t from '../../src/index.ts';
import { f32, fn, gelu, grad, halfPrecision, matmul, mean, square, type F32 } from '../../src/index.ts';
import { printModule } from '../../src/ir/graph/print.ts';
import { parseModule } from '../../src/ir/graph/parse.ts';
import { expandTransforms } from '../../src/passes/graph/expandTransforms.ts';
import { runPasses } from '../../src/passes/run.ts';
import { lower } from '../../src/expr/lower/lower.ts';

type Block = (w: F32<[16, 16]>, x: F32<['n', 16]>) => F32<['n', 16]>;
const block: Block = (w, x) => gelu(matmul(x, w));
const deep = (g: Block) => (w: F32<[16, 16]>, x: F32<['n', 16]>) => t.sum(square(g(w, g(w, g(w, g(w, x))))));
const step = (g: Block) => fn([f32([16, 16]), f32(['n', 16])], (w, x) => [deep(g)(w, x), grad((v: typeof w) => deep(g)(v, x))(w)] as const, { name: 'step', args: ['w', 'x'] });
const w = t.array(Array.from({ length: 256 }, (_, i) => Math.sin(i) / 2), [16, 16]), x = t.array(Array.from({ length: 32 * 16 }, (_, i) => Math.cos(1.7 * i)), [32, 16]);
const backends = [['reference', reference()], ['js', js()], ['wasm', wasm({ threads: 1 })], ['wasm, two threads', wasm({ threads: 2 })]] as const;
/** the largest difference, of the largest number */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]))) / Math.max(...Array.from(b, Math.abs));

describe('halfPrecision', () => {
  const exact = t.orThrow(t.compile(step(block), { backend: js(), dims: { n: 32 } })), [loss, slope] = exact(w, x);
  describe.each(backends)('on %s', (_, backend) => {
    it.each([['bf16', 0.1], ['f16', 0.015]] as const)('%s gives values and gradients to its digits', (dtype, within) => {
      const f = t.orThrow(t.compile(step(halfPrecision(block, dtype)), { backend, dims: { n: 32 } })), [l, s] = f(w, x);
      expect([l.dtype, s.dtype]).toEqual(['f32', 'f32']);
      expect(apart(l.data, loss.data)).toBeLessThan(within);
      expect(apart(s.data, slope.data)).toBeLessThan(within);
      expect(apart(s.data, slope.data)).toBeGreaterThan(within / 100);
    });
  });
  it.each(['bf16', 'f16'] as const)('%s takes about half of the memory and of what is stored, forward and backward', (dtype) => {
    for (const backend of [js(), wasm({ threads: 1 })]) {
      const reportOf = (g: Block) => t.orThrow(t.compile(step(g), { backend, dims: { n: 32 } })).report, full = reportOf(block), half = reportOf(halfPrecision(block, dtype));
      expect((half?.peakBytes ?? Infinity) / (full?.peakBytes ?? 0)).toBeLessThan(0.6);
      expect((half?.storedBytes ?? Infinity) / (full?.storedBytes ?? 0)).toBeLessThan(0.65);
    }
  });
  it('is a transformation in the graph, and gone before it is planned', () => {
    const { module } = t.orThrow(lower(fn([f32([2, 2])], (v) => halfPrecision((u: typeof v) => square(u), 'bf16')(v))));
    expect(printModule(module)).toMatch(/transform store \w+\(\w+\) as bf16/);
    expect(printModule(t.orThrow(parseModule(printModule(module))))).toBe(printModule(module));
    expect(printModule(runPasses(module, [expandTransforms]))).not.toContain('transform');
  });
  it('leaves scalars, and sums of all, in f32', () => {
    const sums = halfPrecision((v: F32<[600]>) => ({ sum: t.sum(v), mean: mean(v), scale: t.mul(t.constant(1.001), t.constant(1.001)) }), 'bf16');
    const f = t.orThrow(t.compile(fn([f32([600])], sums), { backend: wasm({ threads: 1 }) })), r = f(t.array(new Float32Array(600).fill(1), [600]));
    expect([r.sum.item(), r.mean.item()]).toEqual([600, 1]);
    expect(r.scale.item()).toBeCloseTo(1.002001, 6);
  });
  it('has numbers of its format only', () => {
    const f = t.orThrow(t.compute(halfPrecision((v: F32<[3]>) => t.mul(v, 3), 'bf16')(t.array([0.1, 1.01, -7.77], [3]))));
    for (const v of f.data) expect(new Uint32Array(Float32Array.of(v).buffer)[0] & 0xffff).toBe(0);
    expect(toBF16(f.data[1])).toBe(toBF16(3.03125));
  });
  it('goes with vmap, jvp, second derivatives, scans, branches, rules of one\'s own, and itself', () => {
    const curve = halfPrecision((v: F32<[4]>) => t.sum(t.mul(t.sin(v), v)), 'bf16'), plain = (v: F32<[4]>) => t.sum(t.mul(t.sin(v), v));
    const at = t.array([0.3, -1.2, 2, 0.7], [4]), rows = t.array(Array.from({ length: 12 }, (_, i) => Math.sin(3 * i)), [3, 4]), ones = t.ones([4]);
    const near = (a: t.Tensor, b: t.Tensor): void => { const [p, q] = [a, b].map((e) => t.orThrow(t.compute(e)).data); expect(apart(p, q)).toBeLessThan(0.03); };
    near(t.vmap(curve, 3)(rows), t.vmap(plain, 3)(rows));
    near(t.vmap(grad(curve), 3)(rows), t.vmap(grad(plain), 3)(rows));
    near(t.jvp(curve)([at], [ones])[1], t.jvp(plain)([at], [ones])[1]);
    near(t.hvp(curve)(at, ones), t.hvp(plain)(at, ones));
    const runs = (v: F32<[4]>) => t.scan((c: F32<[4]>, row: F32<[4]>) => [t.tanh(t.add(c, row)), t.sum(c)] as const, v, t.stack([v, v, v]));
    const looped = halfPrecision((v: F32<[4]>) => { const [last, sums] = runs(v); return t.add(t.sum(last), t.sum(sums)); }, 'f16');
    near(grad(looped)(at), grad((v: F32<[4]>) => { const [last, sums] = runs(v); return t.add(t.sum(last), t.sum(sums)); })(at));
    const chosen = (v: F32<[4]>) => t.sum(t.cond(t.greater(t.sum(v), 0), () => t.square(v), () => t.neg(v)));
    near(grad(halfPrecision(chosen, 'f16'))(at), grad(chosen)(at));
    const own = t.customVjp((v: F32<[4]>) => t.exp(v), (v) => [t.exp(v), v] as const, (v, ct) => [t.mul(ct, v)]);
    near(grad(halfPrecision((v: F32<[4]>) => t.sum(own(v)), 'f16'))(at), at);
    near(grad(halfPrecision((v: F32<[4]>) => halfPrecision(plain, 'f16')(v), 'bf16'))(at), grad(plain)(at));
  });
  it('takes what it captures, and leaves integers and doubles as they are', () => {
    const scale = t.array([2, 4], [2]), mixed = halfPrecision((i: t.Tensor<[2], 'i32'>, d: t.Tensor<[2], 'f64'>) => [t.add(i, 1), t.mul(d, 1 + 2 ** -40), t.mul(t.convert(i, 'f32'), scale)] as const, 'f16');
    const f = t.orThrow(t.compile(fn([t.i32([2]), t.f64([2])], mixed), { backend: js() })), [i, d, s] = f(t.intArray([70000, 3], [2]), t.arrayOf('f64', [1, 2], [2]));
    expect([i.data[0], d.data[0], s.data[1]]).toEqual([70001, 1 + 2 ** -40, 12]);
  });
  it('is refused by gpu.js, with the reason', () => {
    const refused = t.compile(step(halfPrecision(block, 'bf16')), { backend: gpujs({ mode: 'cpu' }), dims: { n: 4 } });
    expect(E.isLeft(refused) && refused.left[0].message).toMatch(/gpu\.js has no memory of 16-bit numbers/);
  });
});

describe('tensors of halves', () => {
  it('are arguments and results, computed with as f32', () => {
    for (const [, backend] of backends) {
      const f = t.orThrow(t.compile(fn([t.f16([3]), t.bf16([3])], (a, b) => ({ wide: t.add(t.convert(a, 'f32'), t.convert(b, 'f32')), own: t.mul(a, a), sum: t.sum(b) })), { backend }));
      const r = f(t.arrayOf('f16', [0.1, 2, 3], [3]), t.arrayOf('bf16', [0.1, 2, 3], [3]));
      expect([r.wide.dtype, r.own.dtype, r.sum.dtype]).toEqual(['f32', 'f16', 'bf16']);
      expect(Array.from(r.wide.data)).toEqual([0.0999755859375 + 0.10009765625, 4, 6].map(Math.fround));
      expect(Array.from(r.own.data)).toEqual([0.0099945068359375, 4, 9]);
      expect(r.sum.item()).toBe(5.09375);
    }
  });
  it('are not mixed with others unasked', () => {
    // @ts-expect-error dtypes differ
    const wrong = t.add(t.f16([3]), t.f32([3]));
    expect(E.isLeft(t.compile(fn([], () => wrong)))).toBe(true);
  });
});
