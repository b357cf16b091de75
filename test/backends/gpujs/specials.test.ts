import { describe, expect, it } from 'vitest';
import { reference } from '../../../src/backends/reference/reference.ts';
import { gpujs } from '../../../src/backends/gpujs/gpujs.ts';
import { reasons, refusalsOf } from '../../../src/backends/gpujs/refusals.ts';
import { spellings } from '../../../src/backends/gpujs/spell.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { argmax, argmin, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor, compile, convert, countLeadingZeros, cummax, cummin, div, f32, fn, full, i32, max, maximum, min, orThrow, pad, popcount, reduceWindow, relu, remainder, round, segmentMax, segmentMin, shiftRightArithmetic, shiftRightLogical, slice, sub, sum, tanh, transpose, u32, type Tensor } from '../../../src/index.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { scalarRow, type ScalarName } from '../../../src/ir/scalars.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { parse } from '../../../src/ir/index.ts';
import { derivativeOf } from '../../../src/testing/derivatives.ts';
import { expanded } from '../../laws/meaning.ts';
import { runGraph, runModule } from '../../laws/run.ts';
import { said } from '../../messages.ts';
import { inEveryMode } from './gl.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
/** operands at which the shading languages' own functions differ from ours */
const cases: { readonly [K in ScalarName]?: readonly (readonly number[])[] } = {
  max: [[nan, 1], [1, nan], [inf, -inf], [2, 2]], min: [[nan, 1], [1, nan], [inf, -inf]],
  pow: [[-2, 0.5], [0, -1], [-2, 3], [-2, 2], [0, 0], [2, -1], [nan, 0]],
  erf: [[nan], [0], [inf], [-inf], [3.5]], sign: [[nan], [-0], [0], [-3]], rem: [[5.5, inf], [-5.5, 2], [5.5, -2]],
  tanh: [[0], [100], [-100], [nan]], logistic: [[100], [-80], [nan]], exp: [[-inf], [nan]], log: [[0], [-1], [inf]], log1p: [[-1], [0]], expm1: [[0], [-100]],
  sqrt: [[-1], [0]], rsqrt: [[0], [4]], div: [[1, 0], [-1, 0], [0, 0]], eq: [[nan, nan], [1, 1]], ne: [[nan, nan]], lt: [[nan, 1]], isFinite: [[nan], [inf], [-inf], [0], [3.4028234663852886e38]],
  atan2: [[0, 1], [0, -1], [-0, -1], [0, -0], [-0, -0], [1, 0], [-1, 0], [1, 1], [-1, -1], [3, -4], [0.3, -4], [-2, 5], [1e30, 1e-30], [3e38, 3e38], [inf, inf], [-inf, -inf], [1, -inf], [inf, 1], [nan, 1], [1, nan]], round: [[0.5], [1.5], [-2.5], [nan], [inf]],
};

describe('special values', () => {
  inEveryMode('every function at its edges', (mode) => {
    const backend = gpujs({ mode });
    for (const [fn, rows] of Object.entries(cases) as [ScalarName, readonly (readonly number[])[]][]) {
      const row = scalarRow(fn), b = createBuilder();
      const params = Array.from({ length: row.arity }, (_, i) => b.parameter('main', i, `x${i}`, { dtype: 'f32', shape: [rows.length] }));
      b.addGraph({ name: 'main', params, results: [b.map(fn, params)] });
      const args = params.map((_, i) => Float32Array.from(rows, (r) => r[i])), [got] = runGraph(backend, b.graph('main'), args) ?? [[]];
      rows.forEach((r, i) => {
        const wanted = row.evaluate(...r), same = Object.is(got[i], wanted) || got[i] === wanted || Math.abs(got[i] - wanted) <= 1e-5 * Math.abs(wanted);
        expect(same, `${fn}(${r.join(', ')}) is ${got[i]}, not ${wanted}`).toBe(true);
      });
    }
  });
  inEveryMode('a rounded zero and the tangent of one keep their sign', (mode) => {
    const run = orThrow(compile(fn([f32([5])], (x) => [round(x), tanh(x)]), { backend: gpujs({ mode }) })), [r, t] = run([-0.5, -0.25, -0, 0, 0.25]);
    const negative = (xs: Iterable<number>): readonly boolean[] => Array.from(xs, (v) => Object.is(v, -0));
    expect([negative(r.data), negative(t.data)]).toEqual([[true, true, true, false, false], [false, false, true, false, false]]);
  });
  inEveryMode('the greater side of a maximum that another kernel stored, rounded, is still the greater', (mode) => {
    const slope = derivativeOf(orThrow(parse(`module main
graph main(x: f32[1, 3]) {
  %0: f32[1] = reduce add(x) axes [1]
  %1: f32[1] = mul(%0, 0.5)
  %2: f32[] = reduce add(x) axes [0, 1]
  %3: f32[] = mul(%2, 0.3333333333333333)
  %4: f32[1] = broadcastInDim(%3) dims []
  %5: f32[1] = max(%1, %4)
  %6: f32[1, 2] = broadcastInDim(%5) dims [1]
  %7: f32[2] = dotGeneral(%5, %6) contract [0] [0]
  %8: f32[2] = mul(%7, 0.125)
  %9: f32[2] = neg(%8)
  return %9
}`)), 'vjp');
    const args = [Float32Array.of(-3.7079505920410156, -2.8451950550079346, -2.417360544204712), Float32Array.of(1, 1)];
    const [wanted] = interpret(expanded(slope), args), [got] = runModule(gpujs({ mode }), slope, args) ?? [[]];
    wanted.forEach((g, i) => expect(Math.abs(got[i] - g)).toBeLessThan(1e-5));
  });
  inEveryMode('reductions keep NaN', (mode) => {
    const f = fn([f32([2, 3])], (x) => ({ max: max(x, 1), min: min(x, 1), which: argmax(x, 1), relu: relu(x) }));
    const { max: top, min: low, which, relu: r } = orThrow(compile(f, { backend: gpujs({ mode }) }))([[1, nan, 3], [4, 2, 5]]);
    expect([[...top.data], [...low.data], [...which.data], [...r.data]]).toEqual([[nan, 5], [nan, 2], [1, 2], [1, nan, 3, 4, 2, 5]]);
  });
});

describe('what is refused', () => {
  inEveryMode('integers that a float cannot tell apart, as data', (mode) => {
    const run = orThrow(compile(fn([i32([2])], (x) => sum(x)), { backend: gpujs({ mode }) }));
    expect(run([3, (1 << 24) - 4]).item()).toBe((1 << 24) - 1);
    expect(() => run([3, (1 << 24) + 2])).toThrow(/FX5103: gpujs: element 1 of i32 data is 16777218: integers are told apart below 2\^24 only/);
  });
  inEveryMode('integers that may have been rounded, as results', (mode) => {
    const run = orThrow(compile(fn([i32([2])], (x) => sum(x)), { backend: gpujs({ mode }) })), half = 1 << 23;
    expect(run([half, half - 1]).item()).toBe((1 << 24) - 1);
    expect(() => run([half, half]).item()).toThrow(/FX5103: gpujs: element 0 of i32 results is 16777216: integers are told apart below 2\^24 only/);
    expect(() => run([-half, -half]).item()).toThrow(/FX5103/);
  });
  it('differences of unsigned integers, which wrap', () => {
    expect(said(compile(fn([f32([2]), u32([2])], (x, y) => sub(convert(x, 'u32'), y)), { backend: gpujs({ mode: 'cpu' }) }))).toMatch(/FX5101: gpujs \(cpu\) cannot run sub of u32 in \w+: a difference of unsigned integers may wrap/);
  });
  /** a flat kernel over one input and one output, with this in its body */
  const flat = (body: string, dtype = 'f32', size = 4): Program => parsed(parseProgram(`program p
buffer x: ${dtype}[${size}] input
buffer y: ${dtype}[${size}] output
kernel k(x: read ${dtype}[${size}], y: write ${dtype}[${size}]) {
  for i < ${size} grid {
    ${body}
  }
}
steps {
  run k(x, y)
}
`));
  const many = parsed(parseProgram(`program p
${list(9, (i) => `buffer b${i}: f32[2] ${i < 8 ? 'input' : 'output'}\n`)}kernel k(${list(8, (i) => `b${i}: read f32[2], `)}b8: write f32[2]) {
  for i < 2 grid {
    store b8[i] = ${list(8, (i) => `${i === 0 ? '' : ' + '}b${i}[i]`)}
  }
}
steps {
  run k(${list(8, (i) => `b${i}, `)}b8)
}
`));
  const looped: Program = { ...flat('store y[i] = x[i]'), steps: [{ kind: 'loop', axis: 't', extent: { bias: 3, terms: [] }, body: flat('store y[i] = x[i]').steps }] };
  const custom = (): Program => {
    const base = flat('store y[i] = exp(x[i])'), [[id, kernel]] = base.kernels, [loop] = kernel.body;
    if (loop.kind !== 'for' || loop.body[0].kind !== 'store' || loop.body[0].value.kind !== 'apply') throw new Error('another text was expected');
    const own = { custom: 'own', arity: 1, expand: <N>(apply: (fn: 'exp', ...args: readonly N[]) => N, ...xs: readonly N[]): N => apply('exp', xs[0]), evaluate: Math.exp, spell: {}, domain: [0, 1] } as const;
    const value = { ...loop.body[0].value, fn: own };
    return { ...base, kernels: new Map([[id, { ...kernel, body: [{ ...loop, body: [{ ...loop.body[0], value }] }] }]]) };
  };
  const programs: { readonly [R in keyof typeof reasons]: () => Program } = {
    f64: () => flat('store y[i] = x[i]', 'f64'),
    half: () => flat('store y[i] = x[i]', 'bf16'),
    elements: () => flat('store y[i] = x[i]', 'f32', (1 << 24) + 1),
    buffers: () => many,
    constants: () => flat('store y[i] = x[i] + 16777217', 'i32'),
    states: () => flat('alloc register m: f32[2]\nstore m[0] = -inf\nstore m[1] = 0.0\nfor j < 4 {\nfold maxExpSum into m[0], m[1] with x[j]\n}\nstore y[i] = m[1]'),
    control: () => looped,
    custom,
  };
  it.each(Object.entries(reasons))('%s: every row of the table is met by a program', (name, why) => {
    // SAFETY: the names are those of the table
    expect(refusalsOf(programs[name as keyof typeof reasons](), 'cpu').map((d) => d.message).join()).toContain(why);
  });
  it('every function that is refused, and every one that is for integers', () => {
    for (const [fn, row] of Object.entries(spellings)) {
      // of which the text says the dtype
      if (fn === 'convert') continue;
      const { arity } = scalarRow(fn as ScalarName), call = (dtype: string): Program => flat(`store y[i] = ${fn}(${list(arity, (i) => `${i === 0 ? '' : ', '}x[i]`)})`, dtype);
      const refused = (dtype: string): string => refusalsOf(call(dtype), 'cpu').map((d) => d.message).join();
      if ('refused' in row) expect(refused('i32')).toContain(row.refused);
      else if (row.integers !== undefined) expect(refused('i32'), fn).toContain(row.integers.refused);
      else for (const [dtype, why] of [['u32', row.unsigned], ['i32', row.signed]] as const) if (why === undefined) expect(refused(dtype), fn).toBe(''); else expect(refused(dtype), fn).toContain(why.refused);
    }
  });
});
const list = (n: number, item: (i: number) => string): string => Array.from({ length: n }, (_, i) => item(i)).join('');

describe('integers that the device makes', () => {
  const edges = [0, 1, -1, 2, -2, 3, 7, -8, 24, 31, 32, 255, -256, 4097, 65535, -65536, (1 << 23) - 1, 1 << 23, -(1 << 23) - 3, (1 << 24) - 3, (1 << 24) - 4];
  const pairs = edges.flatMap((x) => edges.map((y) => [x, y] as const));
  type Integers = Tensor<[number], 'i32'>;
  type Two = (x: Integers, y: Integers) => Integers;
  // SAFETY: each takes two tensors of integers and gives one, among other forms
  const binary = { div, remainder, bitwiseAnd, bitwiseOr, bitwiseXor, shiftRightArithmetic, shiftRightLogical } as unknown as Readonly<Record<string, Two>>, unary: Readonly<Record<string, (x: Integers) => Integers>> = { bitwiseNot, popcount, countLeadingZeros };
  inEveryMode('have quotients, remainders and bits as everywhere', (mode) => {
    for (const dtype of ['i32', 'u32'] as const) {
      const fits = (x: number): boolean => dtype === 'i32' || x >= 0, own = pairs.filter(([x, y]) => fits(x) && fits(y)), n = own.length;
      const f = fn([f32([n]), f32([n])], (p, q) => {
        const x = convert(p, dtype) as Integers, y = convert(q, dtype) as Integers;
        const two = Object.entries(binary).filter(([name]) => !(dtype === 'i32' && name === 'shiftRightLogical')).map(([name, op]) => [name, op(x, y)]), one = Object.entries(unary).filter(([name]) => !(dtype === 'u32' && name === 'bitwiseNot')).map(([name, op]) => [name, op(x)]);
        return Object.fromEntries([...two, ...one]) as Record<string, Integers>;
      });
      const args = [0, 1].map((i) => Float32Array.from(own, (pair) => pair[i])), wanted = orThrow(compile(f, { backend: reference() }))(args[0], args[1]), got = orThrow(compile(f, { backend: gpujs({ mode }) }))(args[0], args[1]);
      // an unsigned quotient by zero needs all 32 bits: it is refused when it is read
      for (const [name, { data }] of Object.entries(wanted)) if (!(dtype === 'u32' && name === 'div')) expect([...got[name].data], `${name} of ${dtype}`).toEqual([...data]);
    }
  });
  inEveryMode('have a greatest and a least, from the ends of the dtype on', (mode) => {
    const f = fn([i32([2, 4]), u32([2, 4]), i32([4])], (x, y, ids) => ({
      top: max(x), low: min(x, 1), least: min(y), most: max(y, 0), which: argmin(x, 1), one: reduceWindow(y, 'min', { size: [1, 3] }), same: reduceWindow(x, 'max', { size: [2, 3], padding: 'same' }), all: reduceWindow(x, 'min', { size: [1, 2], padding: [[0, 0], [1, 1]] }),
      high: segmentMax(transpose(x), ids, 2), deep: segmentMin(transpose(y), ids, 2), before: slice(cummax(x, 1, { exclusive: true }), 1, 1, 4), after: slice(cummin(y, 1, { exclusive: true, reverse: true }), 1, 0, 3),
    }));
    const args = [[[3, -7, 0, 16777215], [-9, -16777215, 4, 2]], [[3, 7, 9, 16777215], [9, 1, 4, 2]], [0, 1, 1, 0]] as const;
    const wanted = orThrow(compile(f, { backend: reference() }))(...args), got = orThrow(compile(f, { backend: gpujs({ mode }) }))(...args);
    for (const [name, { data }] of Object.entries(wanted)) expect([...got[name as keyof typeof got].data], name).toEqual([...data]);
  });
  it('the end of a dtype is refused as a number to compute with', () => {
    const to = (f: (x: Tensor<[2], 'i32'>) => Tensor<[2], 'i32'>) => compile(fn([i32([2])], f), { backend: gpujs({ mode: 'cpu' }) });
    expect(said(to((x) => maximum(x, full([2], -2147483648, 'i32'))))).toMatch(/FX5101: .* the constant -2147483648 in map_0/);
    expect(said(to((x) => cummax(maximum(x, full([2], 2147483647, 'i32')))))).toMatch(/FX5101: .* the constant 2147483647/);
    expect(said(compile(fn([i32([2])], (x) => pad(x, [1], [0], { value: 1 << 25 })), { backend: gpujs({ mode: 'cpu' }) }))).toMatch(/FX5101: .* the constant 33554432/);
  });
  it('an unsigned quotient by zero needs 32 bits', () => {
    const run = orThrow(compile(fn([f32([2])], (p) => div(full([2], 7, 'u32'), convert(p, 'u32'))), { backend: gpujs({ mode: 'cpu' }) }));
    expect([...run([2, 3]).data]).toEqual([3, 2]);
    expect(() => [...run([2, 0]).data]).toThrow(/FX5103/);
  });
});

describe('the least and the greatest integer, where there is no number', () => {
  const least = -(2 ** 31), greatest = 2 ** 31 - 1, whole = 2 ** 32 - 1;
  inEveryMode('are told', (mode) => {
    const run = orThrow(compile(fn([i32([4]), u32([4])], (x, y) => {
      const high = cummax(x, 0, { exclusive: true });
      return [high, cummin(x, 0, { exclusive: true, reverse: true }), cummax(y, 0, { exclusive: true }), cummin(y, 0, { exclusive: true }), cummin(high, 0), segmentMax(x, x, 3), segmentMin(y, y, 2)];
    }), { backend: gpujs({ mode }) }));
    const got = run([3, 1, 4, 2], [3, 1, 4, 2]);
    expect(got.map((g) => [...g.data])).toEqual([[least, 3, 3, 4], [1, 2, 2, greatest], [0, 3, 3, 4], [whole, 3, 1, 1], [least, least, least, least], [least, 1, 2], [whole, 1]]);
  });
  inEveryMode('are not, where integers were computed of them', (mode) => {
    const run = orThrow(compile(fn([i32([2])], (x) => sum(cummax(x, 0, { exclusive: true }))), { backend: gpujs({ mode }) }));
    expect(() => run([1, 2]).item()).toThrow(/FX5103/);
  });
});
