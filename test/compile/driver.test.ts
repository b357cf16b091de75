import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { add, argmax, compile, compileAsync, compute, constant, customVjp, exp, f32, f64, fn, foldIn, grad, i32, jit, jvp, key, less, log, matmul, mean, mul, normal, orThrow, relu, render, softmax, split, sum, transpose, whileLoop, type Key, type Result, type Tensor } from '../../src/index.ts';
import { firstAvailable } from '../../src/backends/available.ts';
import type { Backend } from '../../src/backends/backend.ts';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js } from '../../src/backends/js/js.ts';
import { reference } from '../../src/backends/reference/reference.ts';
import { rule } from '../../src/passes/graph/rewrite.ts';

const said = (r: Result<unknown>): string => (E.isLeft(r) ? render(r.left) : 'nothing');

describe('backends give what the reference gives', () => {
  const f = fn([f32(['n', 3]), f32([3, 4])], (x, w) => ({ p: softmax(matmul(x, w)), which: argmax(matmul(x, w), -1), flat: transpose(x) }));
  const x = Array.from({ length: 6 }, (_, i) => [Math.sin(i), Math.cos(i), i / 6]), w = [[1, 2, 0, -1], [0, 1, 1, 0], [2, 0, 1, 1]];
  const of = (backend: Backend<'sync'>, dims?: { n: { max: number } }) => {
    using run = orThrow(compile(f, { backend, ...(dims && { dims }) }));
    const { p, which, flat } = run(x, w);
    return [[...p.data].map((v) => Math.round(v * 1e5)), [...which.data], [...flat.data].map((v) => Math.round(v * 1e5)), flat.shape];
  };
  it('at sizes of the arguments, and below a bound', () => {
    const wanted = of(reference({ precision: 'f64' }));
    expect(of(js())).toEqual(wanted);
    expect(of(reference())).toEqual(wanted);
    // [3, n] is stored for the largest n, and read back at the real one
    for (const backend of [js(), reference(), gpujs({ mode: 'cpu' })]) expect(of(backend, { n: { max: 8 } })).toEqual(wanted);
  });
});

describe('compileAsync', () => {
  it('takes any backend, and rejects with what safe gives', async () => {
    using run = await orThrow(compileAsync(fn([f32(['n'])], (v) => sum(mul(v, 2))), { backend: js() }));
    expect((await run([1, 2, 3])).item()).toBe(12);
    await expect(run([[1]])).rejects.toThrow(/FX7001/);
    expect(said(await run.safe([[1]]))).toMatch(/FX7001: arg0: wanted \[n\], but got \[1, 1\]/);
  });
  it('with the first backend that can be had, which says what was passed over', async () => {
    using run = await orThrow(compileAsync(fn([f32(['n'])], (v) => sum(v)), { backend: firstAvailable([gpujs({ mode: 'webgpu' }), js()]) }));
    expect((await run([1, 2])).item()).toBe(3);
    expect(run.report?.backend).toBe('js');
    expect(run.report?.device['passedOver']).toMatch(/the mode 'webgpu' is not available here/);
  });
});

describe('compute and jit', () => {
  it('computes a tree once; keys stay keys', () => {
    const [a, b] = split(key(3));
    const made = orThrow(compute({ w: normal(a, [2, 3]), next: b, two: add(constant(1), 1) }));
    expect(made.w.size).toBe(6);
    expect(orThrow(compute(normal(made.next, [4]))).toNested()).toEqual(orThrow(compute(normal(split(key(3))[1], [4]))).toNested());
    expect(made.two.item()).toBe(2);
  });
  it('passes keys in and out of a program', () => {
    const run = jit(fn([key(0), i32([])], (k: Key, i) => { const own = foldIn(k, i); return { own, x: normal(own, [3]) }; }, { args: ['key', 'i'] }), { checkKeys: false });
    const { own, x } = run(key(5), 2);
    expect(x.toNested()).toEqual(orThrow(compute(normal(foldIn(key(5), 2), [3]))).toNested());
    expect(orThrow(compute(normal(own, [3]))).toNested()).toEqual(x.toNested());
    // SAFETY: wrong on purpose
    expect(() => run(3 as unknown as Key, 2)).toThrow(/FX7001: key: wanted a random key, but got 3/);
  });
  it('refuses what is not closed', () => expect(said(compute(f32([2])))).toMatch(/FX1020/));
});

describe('donated arrays', () => {
  const step = fn([f32([2]), f32([2])], (a, b) => [add(a, b), mul(a, 2)]);
  it('may not stand in two places', () => {
    using run = orThrow(compile(step, { donate: [0] }));
    const [a] = run([1, 2], [3, 4]);
    expect(() => run(a, a)).toThrow(/FX7003: arg0 and arg1 are one array, which this call would overwrite/);
    expect([...run(a, [1, 1])[0].data]).toEqual([5, 7]);
    expect(() => a.data).toThrow(/FX7003/);
  });
  it('are freed where the backend cannot take their memory over', () => {
    const backend = gpujs({ mode: 'cpu' });
    using run = orThrow(compile(fn([f32([8])], (a) => add(a, 1)), { donate: [0], backend }));
    let a = run(new Float32Array(8));
    const { liveBytes } = backend.memory.stats();
    for (let i = 0; i < 20; i++) a = run(a);
    expect(a.data[0]).toBe(21);
    expect(backend.memory.stats().liveBytes).toBe(liveBytes);
  });
});

describe('the report', () => {
  it('counts kernels, bytes and operations, and holds the source', () => {
    using run = orThrow(compile(fn([f32([4, 8]), f32([8, 4])], (x, w) => relu(matmul(x, w)))));
    expect(run.report).toMatchObject({ backend: 'wasm', kernels: 1, launches: 1, storedBytes: 64, peakBytes: 0 });
    expect(run.report?.operations).toBeGreaterThanOrEqual(2 * 4 * 4 * 8);
    expect(Object.values(run.report?.files ?? {}).join()).toContain('export const create');
  });
  it('is of the sizes compiled last', () => {
    using run = orThrow(compile(fn([f32(['n'])], (x) => mul(x, 2))));
    expect(run.report).toBeUndefined();
    run([1, 2, 3]);
    expect(run.report?.storedBytes).toBe(12);
  });
});

describe('validate', () => {
  it('allows for constants that are computed, and so rounded to their dtype', () => {
    const f = fn([f32([2])], (x) => mul(x, exp(constant(0.3))));
    expect(said(compile(f, { validate: true }))).toBe('nothing');
  });
  it('follows a loop as often as it runs', () => {
    const f = fn([f32([2])], (x) => whileLoop((c) => less(sum(mul(c, c)), 100), (c) => mul(add(c, 1), 2), x));
    using run = orThrow(compile(f, { validate: true }));
    expect(Array.from(run([1, 2]).data)).toEqual([10, 14]);
  });
  const f = fn([f32(['n', 3]), f32([3])], (x, w) => grad((v: typeof w) => mean(log(softmax(mul(x, v)))))(w));
  it('is content with what keeps the meaning', () => {
    using run = orThrow(compile(f, { validate: true, dims: { n: { max: 9 } }, rules: [rule('log(exp x) = x', (p, x) => p.map('log', p.map('exp', x)), (_, x) => x, { class: 'fast' })] }));
    expect(run([[1, 2, 3]], [1, 1, 1]).data).toHaveLength(3);
  });
  it('names the pass, the rules and the element that a wrong rule changes', () => {
    const wrong = rule('eˣ = x, wrongly', (p, x) => p.map('exp', x), (_, x) => x, { class: 'fast' });
    expect(said(compile(fn([f32([2])], (x) => exp(x)), { validate: true, rules: [wrong] }))).toMatch(/FX7010: validate: the pass 'algebra' changes the meaning: element 0 of result 0 \(f32\[2\]\) is .*, but should be [\s\S]*hint: the rules that fired: .*eˣ = x, wrongly/);
  });
  it('names a backend that computes something else', () => {
    const honest = js(), lying: Backend<'sync'> = { ...honest, name: 'lying', load: (program, artifact) => {
      const loaded = honest.load(program, artifact);
      return { ...loaded, run: (inputs, sizes) => { const out = loaded.run(inputs, sizes); return out.map((h) => honest.memory.upload(h.dtype, Float32Array.from(honest.memory.read(h), (v) => v + 1))); } };
    } };
    expect(said(compile(fn([f32([2])], (x) => exp(x)), { validate: true, backend: lying }))).toMatch(/FX7011: validate: the program for lying does not compute/);
  });
});

it('says where a derivative was asked for that does not exist', () => {
  const own = (x: F64) => exp(x), ruled = customVjp(own, (x) => [exp(x), x], (x, ct) => [mul(ct, x)]);
  const f = fn([f64([2])], (x) => jvp(ruled)([x], [x])[1]);
  expect(said(compile(f))).toMatch(/FX4002: own has no forward-mode derivative[\s\S]*driver\.test\.ts/);
});
type F64 = Tensor<[2], 'f64'>;
