import * as fc from 'fast-check';
import wabtModule from 'wabt';
import { describe, expect, it } from 'vitest';
import { wasm, wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import type { Result } from '../../../src/core/diagnostic.ts';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { add, compile, f64, fn, log, matmul, mul, orThrow, softmax, sub, sum, tanh } from '../../../src/index.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';
import { difference } from '../../ir/loop/golden.ts';
import { inputsOf, loops, loopsOfDoubles, meaning, programOf, type Case } from '../../passes/loop/programs.ts';
import { runTiled } from './run.ts';
import { runs } from '../../laws/runs.ts';

/** What is computed in f64 goes two by two, and gives what it means. */
const wabt = await wabtModule();
/** how often each instruction of floats stands in the module that is compiled */
const instructions = (compiled: (backend: ReturnType<typeof wasm>) => Result<unknown>): Readonly<Record<string, number>> => {
  const backend = wasm({ threads: 1 }), counts: Record<string, number> = {};
  const watched: typeof backend = { ...backend, emit: (program) => {
    const artifact = backend.emit(program), module = wabt.readWasm(artifact.module ?? new Uint8Array(0), { simd: true, threads: true });
    for (const [name] of module.toText({}).matchAll(/\b(?:f64x2|f64|f32x4|f32)\.\w+/g)) counts[name] = (counts[name] ?? 0) + 1;
    module.destroy();
    return artifact;
  } };
  orThrow(compiled(watched));
  return counts;
};
/** what is computed alone */
const alone = (counts: Readonly<Record<string, number>>): readonly string[] => Object.keys(counts).filter((name) => /^f64\.(?!const|load|store)/.test(name)).sort();

describe('instructions', () => {
  it('a chain of arithmetic is of vectors only, four abreast', () => {
    const counts = instructions((backend) => compile(fn([f64([64])], (x) => mul(add(mul(x, x), 1), sub(x, 3))), { backend }));
    expect(counts).toEqual({ 'f64x2.add': 8, 'f64x2.mul': 8 });
  });
  it('a sum gathers in four vectors, and joins lanes at the end', () => {
    const counts = instructions((backend) => compile(fn([f64([64])], (x) => sum(mul(x, x))), { backend }));
    expect([counts['f64x2.mul'], counts['f64x2.add'], counts['f64.add'], counts['f64.mul']]).toEqual([4, 7, 2, undefined]);
  });
  it('a product has tiles of four rows of two vectors, of which two steps are written out', () => {
    const counts = instructions((backend) => compile(fn([f64([8, 6]), f64([6, 8])], (a, b) => matmul(a, b)), { backend }));
    expect([counts['f64x2.mul'], counts['f64x2.add'], alone(counts)]).toEqual([16, 16, []]);
  });
  it('what is left of a product is of vectors too', () => expect(alone(instructions((backend) => compile(fn([f64([7, 5]), f64([5, 11])], (a, b) => matmul(a, b)), { backend })))).toEqual([]));
  it('a layer is of vectors, its tanh too', () => {
    const counts = instructions((backend) => compile(fn([f64([8, 6]), f64([6, 8]), f64([8])], (x, w, b) => tanh(add(matmul(x, w), b))), { backend }));
    expect([counts['f64x2.abs'], counts['f64x2.div'], alone(counts)]).toEqual([8, 8, []]);
  });
  it('exponentials of rows, their maxima and sums are of vectors', () => {
    const counts = instructions((backend) => compile(fn([f64([8, 16])], (x) => softmax(mul(x, 2))), { backend }));
    expect([counts['f64x2.nearest'] > 0, counts['f64x2.pmax'] > 1, counts['f64.nearest']]).toEqual([true, true, undefined]);
  });
  it('logarithms that are no numbers are computed alone', () => expect(instructions((backend) => compile(fn([f64([16])], (x) => log(x)), { backend }))).toMatchObject({ 'f64x2.div': 1, 'f64.div': 1 }));
});

const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, -5e-324, 2 ** -1022, -1e-310, Number.MAX_VALUE, -Number.MAX_VALUE, 709.78, 709.79, 710, -745.1, -745.2, -746, 22, -22, 40, -40, 709];
/** all magnitudes of both signs, close ones next to them, and numbers that differ from their neighbour in the lane beside */
const numbers = [
  ...special, ...Array.from({ length: 20_000 }, (_, i) => 800 * Math.sin(i * i)), ...Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i)),
  ...new Float64Array(BigUint64Array.from({ length: 20_000 }, (_, i) => BigInt(i) * 922337203685477n).buffer),
];
describe('a function in lanes gives the bits that it gives alone', () => {
  it.each(['exp', 'expm1', 'log', 'log1p', 'tanh', 'logistic', 'erf', 'sin', 'sqrt', 'rsqrt', 'sign', 'round', 'floor', 'abs'])('%s', (name) => {
    const size = numbers.length, text = [
      'program both', `buffer x: f64[${size}] input`, `buffer y: f64[${size}] output`, `buffer z: f64[${size}] output`,
      `kernel lanes(x: read f64[${size}], y: write f64[${size}]) { for i < ${size / 2} { for lane < 2 vector { store y[2*i + lane] = ${name}(x[2*i + lane]) } } }`,
      `kernel alone(x: read f64[${size}], z: write f64[${size}]) { for i < ${size} { store z[i] = ${name}(x[i]) } }`,
      'steps { run lanes(x, y) run alone(x, z) }',
    ].join('\n');
    const results = runTiled(parsed(parseProgram(text)), new Map([['x', Float64Array.from(numbers)]])), y = results.get('y') ?? [], z = results.get('z') ?? [];
    expect(y.length).toBe(size);
    expect(numbers.flatMap((x, i) => (Object.is(y[i], z[i]) ? [] : [`${name}(${x}) = ${y[i]}, alone ${z[i]}`]))).toEqual([]);
  });
});

describe('numbers of other kinds beside doubles', () => {
  const run = (size: number, buffers: string, params: string, body: string, given: ReadonlyMap<string, TypedArray>): ReadonlyMap<string, TypedArray> => {
    const listed = buffers.split(', ').map((b) => `buffer ${b}`), names = params.split(', ').map((p) => p.split(':')[0]);
    const text = ['program mixed', ...listed, `kernel k(${params}) { ${body} }`, `steps { run k(${names.join(', ')}) }`].join('\n');
    return runTiled(runLoopPasses(parsed(parseProgram(text.replaceAll('N', String(size)))), loopPipeline(wasmTarget), wasmTarget), given);
  };
  it('an unsigned integer keeps its highest bit', () => {
    const x = Uint32Array.of(0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 31 - 1, 7);
    expect(run(6, 'x: u32[N] input, y: f64[N] output', 'x: read u32[N], y: write f64[N]', 'for i < N { store y[i] = convert:f64(x[i]) }', new Map([['x', x]])).get('y')).toEqual(Float64Array.from(x));
  });
  it('whole numbers wrap, f32 rounds, truth is what is not 0', () => {
    const x = Float64Array.of(0.1, -0, NaN, 2 ** 31, -1e15, 2 ** 40 + 3.7, 1e-300, -Infinity);
    const results = run(8, 'x: f64[N] input, i: i32[N] output, f: f32[N] output, b: bool[N] output', 'x: read f64[N], i: write i32[N], f: write f32[N], b: write bool[N]',
      'for a < N { store i[a] = convert:i32(x[a]) store f[a] = convert:f32(x[a]) store b[a] = convert:bool(x[a]) }', new Map([['x', x]]));
    expect([results.get('i'), results.get('f'), results.get('b')]).toEqual([Int32Array.from(x, (v) => v | 0), Float32Array.from(x), Uint8Array.from(x, (v) => (v !== 0 ? 1 : 0))]);
  });
  it('an extreme that has met NaN is NaN', () => {
    const body = (monoid: string, from: string): string => `store y[0] = ${from}:f64 for i < N { fold ${monoid} into y[0] with x[i] }`, x = Float64Array.from({ length: 18 }, (_, i) => Math.sin(i));
    for (const [monoid, from, wanted] of [['max', '-inf', Math.max(...x)], ['min', 'inf', Math.min(...x)]] as const) {
      const of = (given: Float64Array) => run(18, 'x: f64[N] input, y: f64[1] output', 'x: read f64[N], y: update f64[1]', body(monoid, from), new Map([['x', given]])).get('y')?.[0];
      expect(of(x)).toBe(wanted);
      for (let at = 0; at < 18; at++) expect(of(x.map((v, i) => (i === at ? NaN : v)))).toBe(NaN);
    }
  });
  it('where an extreme of doubles stands has no two lanes', () => {
    const text = ['program where', 'buffer x: f64[4] input', 'buffer at: i32[4] output', 'kernel k(x: read f64[4], at: write i32[4]) {', 'alloc register t: f64[4] alloc register p: i32[4]',
      'for lane < 4 vector { store t[lane] = 0:f64 store p[lane] = 9 } for lane < 4 vector { fold argMax into t[lane], p[lane] with x[lane], index(lane):i32 }',
      'for lane < 4 vector { store at[lane] = p[lane] }', '}', 'steps { run k(x, at) }'].join('\n');
    expect(runTiled(parsed(parseProgram(text)), new Map([['x', Float64Array.of(1, -1, NaN, 0)]])).get('at')).toEqual(Int32Array.of(0, 9, 2, 3));
  });
});

describe('loops over elements mean what their text does', () => {
  type Difference = (found: readonly number[], values: readonly number[], all: readonly number[]) => number;
  const computes = (by: Difference) => (c: Case): void => {
    const naive = programOf(c), results = runTiled(runLoopPasses(naive, loopPipeline(wasmTarget), wasmTarget), inputsOf(naive), c.sizes), wanted = meaning(naive, c, 'f64'), all = Object.values(wanted).flat();
    for (const [id, values] of Object.entries(wanted)) expect([id, by(Array.from(results.get(id) ?? []), values, all) < 2e-6]).toEqual([id, true]);
  };
  /** relative to the largest number of the program, for in a sum of f32 what is added may cancel */
  const besideAll: Difference = (found, values, all) => {
    const [largest, own] = [all, values].map((xs) => xs.reduce((top, x) => (Number.isFinite(x) ? Math.max(top, Math.abs(x)) : top), 1e-30));
    return difference(found, values) * (own / largest);
  };
  it('of f64', () => fc.assert(fc.property(loopsOfDoubles, computes(difference)), runs(100, 79)));
  it('of f32', () => fc.assert(fc.property(loops, computes(besideAll)), runs(40, 80)));
});
