import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { vectorise } from '../../../src/passes/loop/vectorise.ts';
import { textOf } from '../../passes/loop/kernels.ts';
import { runTiled } from './run.ts';

/** the extreme of nineteen numbers and where it stands: four vectors, and three lanes of one */
const programOf = (monoid: 'argMax' | 'argMin', dtype: 'f32' | 'i32' | 'u32'): Program => vectorise(parsed(parseProgram(textOf({
  params: `x: read ${dtype}[19], top: write ${dtype}[1], at: write i32[1]`,
  body: `alloc register t: ${dtype}[1] alloc register p: i32[1] store t[0] = 0:${dtype} store p[0] = -1 for i < 19 { fold ${monoid} into t[0], p[0] with x[i], index(i):i32 } store top[0] = t[0] store at[0] = p[0]`,
}))), wasmTarget);
const numbers = {
  f32: [[0, -0, 1, -1, 0.5, Infinity, -Infinity, NaN], (all: readonly number[]): TypedArray => Float32Array.from(all)],
  i32: [[0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31)], (all: readonly number[]): TypedArray => Int32Array.from(all)],
  u32: [[0, 1, 7, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1], (all: readonly number[]): TypedArray => Uint32Array.from(all)],
} as const;

it.each((['argMax', 'argMin'] as const).flatMap((monoid) => (['f32', 'i32', 'u32'] as const).map((dtype) => [monoid, dtype] as const)))('%s of %s: the first extreme, wherever it stands', (monoid, dtype) => {
  const program = programOf(monoid, dtype), [some, array] = numbers[dtype];
  expect([...program.kernels.values()].flatMap((k) => k.body).some((s) => s.kind === 'block')).toBe(true);
  fc.assert(fc.property(fc.array(fc.constantFrom<number>(...some), { minLength: 19, maxLength: 19 }), (all) => {
    const inputs = new Map([['x', array(all)]]);
    expect(runTiled(program, inputs, { n: 6 })).toEqual(interpretProgram(program, inputs, { precision: 'native', sizes: { n: 6 } }));
  }), { numRuns: 40, seed: 3 });
});
