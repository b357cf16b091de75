import { describe, expect, it } from 'vitest';
import { add, f32, fn, matmul, mean, mul, orThrow, square, sub, sum, valueAndGrad } from '../../src/index.ts';
import { js } from '../../src/backends/index.ts';
import { compile } from '../../src/compile.ts';
import { diagnostic } from '../../src/core/diagnostic.ts';
import { diagnosticError } from '../../src/core/render.ts';

describe('compile', () => {
  it('runs a function at any size of a named dimension', () => {
    using run = orThrow(compile(fn([f32(['n', 3])], (x) => sum(mul(x, 2), -1))));
    expect([...run([[1, 2, 3]]).data]).toEqual([12]);
    expect([...run(Float32Array.of(1, 2, 3, 4, 5, 6)).data]).toEqual([12, 30]);
  });
  it.each([['a size', () => orThrow(compile(fn([f32([3])], (v) => mul(v, 2))))], ['a named one', () => orThrow(compile(fn([f32(['n'])], (v) => mul(v, 2))))]] as const)('says that a program of %s was disposed of, whose memory may be another’s by now', (_, compiled) => {
    const run = compiled(), before = run([1, 2, 3]);
    run[Symbol.dispose]();
    expect(() => run([1, 2, 3])).toThrow(/FX7003: this program has been disposed of/);
    expect([...before.data]).toEqual([2, 4, 6]);
    run[Symbol.dispose]();
  });
  it('runs a partial batch in the program of a whole one', () => {
    using run = orThrow(compile(fn([f32(['n', 2])], (x) => mean(x, 0)), { dims: { n: { max: 4 } } }));
    expect([...run([[1, 2], [3, 6]]).data]).toEqual([2, 4]);
  });
  it('descends a gradient with its state in place', () => {
    const step = fn([f32([3, 1]), f32(['n', 3]), f32(['n', 1])], (w, x, y) => {
      const [loss, g] = valueAndGrad((p: typeof w) => mean(square(sub(matmul(x, p), y))))(w);
      return { w: sub(w, mul(g, 0.1)), loss };
    });
    using run = orThrow(compile(step, { donate: [0], dims: { n: 4 } }));
    const x = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1), y = Float32Array.of(1, 2, 3, 6);
    let { w, loss } = run(new Float32Array(3), x, y);
    const first = loss.item();
    expect(first).toBeCloseTo((1 + 4 + 9 + 36) / 4, 5);
    for (let i = 0; i < 200; i++) ({ w, loss } = run(w, x, y));
    expect(loss.item()).toBeLessThan(1e-3);
  });
  it('says what is wrong with an argument, and that a donated array is gone', () => {
    using run = orThrow(compile(fn([f32([2])], (x) => add(x, 1)), { donate: [0] }));
    const a = run([1, 2]);
    run(a);
    expect(() => run(a)).toThrow(/FX7003/);
    expect(() => run(new Float32Array(3))).toThrow(/FX7001/);
  });
  it('says what a backend cannot load, and tries anew', () => {
    const backend = js(), full = diagnosticError([diagnostic('FX5201', 'there is no memory left')]);
    let isFull = true;
    const load: typeof backend.load = (program, artifact) => { if (isFull) throw full; return backend.load(program, artifact); };
    const run = compile(fn([f32([2])], (x) => add(x, 1)), { backend: { ...backend, load } });
    expect(run).toEqual({ _tag: 'Left', left: full.diagnostics });
    const open = orThrow(compile(fn([f32(['n'])], (x) => add(x, 1)), { backend: { ...backend, load } }));
    expect(open.safe([1, 2])).toEqual({ _tag: 'Left', left: full.diagnostics });
    isFull = false;
    expect([...open([1, 2]).data]).toEqual([2, 3]);
  });
});
