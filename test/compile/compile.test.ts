import { describe, expect, it } from 'vitest';
import { add, array, f32, fn, matmul, mean, mul, orThrow, square, sub, sum, valueAndGrad } from '../../src/index.ts';
import { js } from '../../src/backends/index.ts';
import { compile } from '../../src/compile.ts';
import { diagnostic } from '../../src/core/diagnostic.ts';
import { emit } from '../../src/compile/emit.ts';
import { explain } from '../../src/inspect/index.ts';
import { diagnosticError } from '../../src/core/render.ts';

const saying = (f: () => unknown): string => {
  try { f(); return 'nothing'; } catch (error) { return error instanceof Error ? error.message : String(error); }
};

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
  it('refuses names and numbers of what a function does not have', () => {
    const f = fn([f32(['n']), { w: f32(['m']) }], (x, { w }) => add(sum(x), sum(w)), { name: 'own', args: ['x', 'params'] }), said = (options: object): string => saying(() => orThrow(compile(f, options)));
    expect(said({ dims: { rows: 3 } })).toBe("error FX1025: dims: 'own' has no dimension 'rows'\n  hint: its dimensions are n, m");
    expect(said({ dims: { n: null } })).toMatch(/FX1025: dims: 'n' must be a size, but is null/);
    for (const i of [2, -1, 0.5, 'x']) expect(said({ donate: [i] })).toBe(`error FX7008: donate: 'own' has no argument ${i}\n  hint: it takes 0: x, 1: params`);
    expect(said({ donate: 0 })).toMatch(/FX7008: donate is 0, not a list of arguments/);
    const run = orThrow(compile(f));
    // SAFETY: wrong on purpose
    expect(saying(() => (run as unknown as (...args: unknown[]) => unknown)([1], { w: [2] }, 3))).toBe("error FX7008: 'own' has no argument 2\n  hint: it takes 0: x, 1: params");
    expect(run([1], { w: [2] }).item()).toBe(3);
    expect(saying(() => run(array([1, 2, 3], [4]), { w: [2] }))).toMatch(/FX1013: array: 3 elements given for \[4\].*\n {2}at .*compile\.test\.ts/);
  });
  it('and so do explain and emit', () => {
    const f = fn([f32(['n'])], (x) => sum(x)), g = fn([f32(['m', 2])], (x) => sum(x));
    for (const options of [{ dims: { n: 2, k: 3 } }, { dims: { n: 2 }, donate: [1] }]) expect(saying(() => orThrow(explain(f, options)))).toMatch(/has no dimension 'k'|has no argument 1/);
    expect(Object.keys(orThrow(emit({ f, g }, { dims: { n: 2, m: { max: 3 } } })).files)).toHaveLength(2);
    expect(saying(() => orThrow(emit({ f, g }, { dims: { n: 2, m: 3, k: 1 } })))).toMatch(/FX1025: dims: no function has a dimension 'k'\n {2}hint: the dimensions are n, m$/);
    expect(saying(() => orThrow(emit({ f, g }, { dims: { n: 2, m: 3 }, donate: { h: [0] } })))).toMatch(/FX7008: donate: no function is called 'h'/);
    expect(saying(() => orThrow(emit({ f }, { dims: { n: 2 }, donate: { f: [1] } })))).toMatch(/FX7008: donate: 'main' has no argument 1/);
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
