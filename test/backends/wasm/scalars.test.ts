import { describe, expect, it } from 'vitest';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { dtypes, isFloat, typedArray, type DType, type TypedArray } from '../../../src/core/dtype.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { scalarRow, scalars, type ScalarName } from '../../../src/ir/scalars.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { takes } from '../takes.ts';
import { runGraph } from '../../laws/run.ts';

/** what is told apart by sign, by size as signed or unsigned, and by rounding */
const awkward: { readonly [D in DType]: readonly number[] } = {
  f32: [0, -0, 1, -1, 1.5, -2.5, 3, 1e30, -1e-30, Infinity, -Infinity, NaN], f64: [0, -0, 1, -1, 1.5, -2.5, 3, 1e300, -1e-300, Infinity, -Infinity, NaN],
  i32: [0, 1, -1, 2, -7, 31, 2147483647, -2147483648, 0x40000000], f16: [0, -0, 1, -1, 1.5, -2.5, 3, 60000, -6e-8, Infinity, -Infinity, NaN], bf16: [0, -0, 1, -1, 1.5, -2.5, 3, 2 ** 99, -(2 ** -99), Infinity, -Infinity, NaN],
  u32: [0, 1, 2, 7, 31, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe], bool: [0, 1],
};
/** those that no backend may round: all of integers and truths, and of floats what only compares, chooses or turns a sign */
const exact = (fn: ScalarName, dtype: DType): boolean => !isFloat(dtype) || ['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'stopGradient', 'reducePrecision', 'add', 'sub', 'mul', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'select', 'isFinite'].includes(fn);

/** every pair of the values, with another in the third place; more than fills whole vectors, so that some go alone */
const argumentsOf = (fn: ScalarName, dtype: DType): readonly TypedArray[] => {
  const values = awkward[dtype], pairs = values.flatMap((x, i) => values.map((y, k) => [x, y, values[(i + k) % values.length]] as const));
  const all = Array.from({ length: 4 * Math.ceil(pairs.length / 4) + 7 }, (_, i) => pairs[i % pairs.length]);
  return Array.from({ length: scalarRow(fn).arity }, (_, i) => (fn === 'select' && i === 0 ? typedArray<DType>('bool', all.map((_p, k) => k % 3 % 2)) : typedArray<DType>(dtype, all.map((p) => p[i]))));
};
const moduleOf = (fn: ScalarName, dtype: DType, length: number): Module => {
  const b = createBuilder(), params = Array.from({ length: scalarRow(fn).arity }, (_, i) => b.parameter('main', i, `x${i}`, { dtype: fn === 'select' && i === 0 ? 'bool' : dtype, shape: [length] }));
  b.addGraph({ name: 'main', params, results: [b.map(fn, params)] });
  return b.finish('main');
};

describe.each(dtypes)('of %s, in lanes and alone', (dtype) => {
  const names = (Object.keys(scalars) as readonly ScalarName[]).filter((fn) => fn !== 'convert' && takes(fn, dtype) && exact(fn, dtype));
  it.each(names)('%s gives what it means', (fn) => {
    const args = argumentsOf(fn, dtype), module = moduleOf(fn, dtype, args[0].length), 
      // straight to the planner: passes would turn one comparison into another
      [found] = runGraph(wasm({ threads: 1 }), mainOf(module), args) ?? [], [wanted] = interpret(module, args);
    expect(args[0].length % 4).not.toBe(0);
    // a NaN is a NaN, whatever its sign
    expect(Array.from(found, (x) => (Number.isNaN(x) ? NaN : x + 0))).toEqual(Array.from(wanted, (x) => (Number.isNaN(x) ? NaN : x + 0)));
  });
});
