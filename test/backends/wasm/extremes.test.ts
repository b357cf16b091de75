import fc from 'fast-check';
import { expect, it } from 'vitest';
import wabtModule from 'wabt';
import { wasm, wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';
import { vectorise } from '../../../src/passes/loop/vectorise.ts';
import { textOf } from '../../passes/loop/kernels.ts';
import { runTiled } from './run.ts';

const wabt = await wabtModule();

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

/** the extremes of four rows of eight numbers, a lane for each column; positions that rise, or fall, or stand for none at first */
const columnsOf = (monoid: 'argMax' | 'argMin', dtype: 'f32' | 'i32' | 'u32', position: string): Program => vectorise(parsed(parseProgram(textOf({
  params: `x: read ${dtype}[32], top: write ${dtype}[8], at: write i32[8]`,
  body: `for j < 8 { alloc register t: ${dtype}[1] alloc register p: i32[1] store t[0] = 0:${dtype} store p[0] = -1 for i < 4 { fold ${monoid} into t[0], p[0] with x[8*i + j], index(${position}):i32 } store top[j] = t[0] store at[j] = p[0] }`,
}))), wasmTarget);
it.each((['argMax', 'argMin'] as const).flatMap((monoid) => (['f32', 'i32', 'u32'] as const).flatMap((dtype) => ['i', '2*i', '3 - i', 'floorDiv(i, 2)', 'i - 1'].map((position) => [monoid, dtype, position] as const))))('%s of %s down the columns, written out, at %s', (monoid, dtype, position) => {
  const program = columnsOf(monoid, dtype, position), [some, array] = numbers[dtype];
  fc.assert(fc.property(fc.array(fc.constantFrom<number>(...some), { minLength: 32, maxLength: 32 }), (all) => {
    const inputs = new Map([['x', array(all)]]);
    expect(runTiled(program, inputs, { n: 6 })).toEqual(interpretProgram(program, inputs, { precision: 'native', sizes: { n: 6 } }));
  }), { numRuns: 25, seed: 4 });
});

/** sixteen numbers gathered in two vectors, which then become one number, or do not: what met a NaN is theirs together only if they do */
const gather = 'alloc register t: f32[8] for l < 8 vector { store t[l] = -inf } for i < 2 { for l < 8 vector { fold max into t[l] with x[8*i + l] } }';
const join = 'for l < 4 vector { fold max into t[l] with t[l + 4] }', number = 'store y[0] = -inf for l < 4 unroll { fold max into y[0] with t[l] }';
const forms = {
  'one number': `${gather} ${join} ${number}`,
  'one number, lane by lane': `${gather} store y[0] = -inf for l < 8 unroll { fold max into y[0] with t[l] }`,
  'one number of half of them': `${gather} store y[0] = -inf for l < 4 unroll { fold max into y[0] with t[l] }`,
  'one number, and joined too late': `${gather} ${number} ${join}`,
  'one number of one half or the other': `${gather} store y[0] = -inf if gt(x[0], 0.0) { for l < 4 unroll { fold max into y[0] with t[l] } } else { for l < 4 unroll { fold max into y[0] with t[l + 4] } }`,
  'one number that is looked at on the way': `${gather} store y[0] = -inf for l < 4 unroll { fold max into y[0] with t[l] } store y[1] = y[0] for l < 4 unroll { fold max into y[0] with t[l + 4] }`,
  'one number that is looked at each time': `${gather} store y[0] = -inf for l < 8 unroll { fold max into y[0] with t[l] store y[1] = y[0] }`,
  'one number, and more gathered after it was joined': `${gather} ${join} for l < 4 vector { fold max into t[l + 4] with x[l] } ${number}`,
  'a number each': `${gather} for l < 8 vector { store y[l] = t[l] }`,
  'one number, and one on the way': `${gather} store y[1] = t[6] ${join} ${number}`,
  'a number for each half': `${gather} store y[0] = -inf store y[1] = -inf for l < 4 unroll { fold max into y[0] with t[l] fold max into y[1] with t[l + 4] }`,
  'a number for each lane': `${gather} for l < 8 unroll { store y[l] = -inf fold max into y[l] with t[l] }`,
  'one number of what is worth more': `${gather} store y[0] = -inf for l < 8 unroll { fold max into y[0] with t[l] + 1.0 }`,
  'one number, the least of the largest': `${gather} store y[0] = inf for l < 8 unroll { fold min into y[0] with t[l] }`,
  'one number, begun again': `${gather} for l < 4 vector { store t[l] = -inf } ${join} ${number}`,
  'one number, begun again for each vector': `alloc register t: f32[8] for l < 8 vector { store t[l] = -inf } for i < 2 { for l < 4 vector { store t[l] = -inf } for l < 8 vector { fold max into t[l] with x[8*i + l] } } ${join} ${number}`,
};
const gathering = (body: string): Program => parsed(parseProgram(textOf({ params: 'x: read f32[16], y: update f32[8]', body })));
it.each(Object.entries(forms))('maxima in two vectors: %s', (_, body) => {
  const program = gathering(body);
  fc.assert(fc.property(fc.array(fc.constantFrom<number>(1, -1, 0.5, 2, -Infinity, NaN), { minLength: 16, maxLength: 16 }), (all) => {
    const inputs = new Map([['x', Float32Array.from(all)], ['y', new Float32Array(8)]]);
    expect(runTiled(program, inputs, { n: 6 })).toEqual(interpretProgram(program, inputs, { precision: 'native', sizes: { n: 6 } }));
  }), { numRuns: 60, seed: 5, examples: [[Array.from({ length: 16 }, (_x, i) => (i === 13 ? NaN : i))], [Array.from({ length: 16 }, (_x, i) => (i === 2 ? NaN : i))]] });
});
it.each(Object.entries(forms))('maxima in two vectors keep what they met in as few places as they may: %s', (form, body) => {
  const module = wabt.readWasm(wasm({ threads: 1 }).emit(planMemory(gathering(body), wasmTarget)).module ?? new Uint8Array(0), { simd: true, threads: true });
  const places = new Set([...module.toText({ foldExprs: true }).matchAll(/local\.set (\d+)\s+\(v128\.or\s+\(local\.get \1\)\s+\(f32x4\.ne/g)].map(([, local]) => local));
  module.destroy();
  expect(places.size).toBe(form === 'one number' || form === 'one number, lane by lane' ? 1 : 2);
});
