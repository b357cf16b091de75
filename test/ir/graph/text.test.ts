import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fn, f32 as tensor, gelu, grad, jvp, key, mean, mul, normal, oneHot, i32 as labels, logSoftmax, neg, softmax, sum } from 'fluxion';
import { computedDtypes, typedArray, type Computed, type DType } from '../../../src/core/dtype.ts';
import { orThrow } from '../../../src/core/render.ts';
import { lowerModule } from '../../../src/expr/lower/lower.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import { printGraph, printModule } from '../../../src/ir/graph/print.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { verify } from '../../../src/ir/graph/verify.ts';
import { algebraRules } from '../../../src/passes/graph/algebra.ts';
import { contractionRules } from '../../../src/passes/graph/contractions.ts';
import { moveRules } from '../../../src/passes/graph/moveViews.ts';
import { defaultPipeline } from '../../../src/passes/graph/pipeline.ts';
import { reductionRules } from '../../../src/passes/graph/reductions.ts';
import { stabiliseRules } from '../../../src/passes/graph/stabilise.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { buildRecipe, generator, recipes } from '../../../src/testing/graphs.ts';
import { programsFor } from '../../../src/testing/rulePrograms.ts';
import { trainingStep } from '../../programs/tutorial.ts';
import { f32, moduleOf, modules, swish } from './modules.ts';
import { expectSame } from './same.ts';

const read = (text: string): Module => orThrow(parseModule(text, { scalars: [swish] }));
const roundTrip = (module: Module): void => {
  const text = printModule(module), back = read(text);
  expectSame(back, module);
  expect(verify(back)).toEqual([]);
  expect(printModule(back)).toBe(text);
};
/** after every pass, too */
const roundTrips = (module: Module): void => {
  roundTrip(module);
  runPasses(module, defaultPipeline, { trace: ({ after }) => roundTrip(after) });
};

describe('parse ∘ print = id', () => {
  it.each(Object.entries(modules))('of %s', (_, module) => roundTrip(module()));

  it('of generated modules, before and after the pipeline', () => fc.assert(fc.property(recipes(), (recipe) => {
    const { module } = buildRecipe(recipe);
    roundTrip(module);
    roundTrip(runPasses(module, defaultPipeline));
  }), { numRuns: 60, seed: 11 }));

  it('of all bits that a constant may hold', () => {
    const words = fc.uint32Array({ minLength: 1, maxLength: 100 }), special = fc.constantFrom(0x7f800000, 0xff800000, 0x7fc00000, 0x7fa00000, 0x80000000, 1, 0x3dcccccd);
    fc.assert(fc.property(words, fc.array(special), fc.constantFrom<Computed>(...computedDtypes), (random, specials, dtype) => {
      const all = Uint32Array.of(...random, ...specials, ...specials), value = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, bool: Uint8Array }[dtype];
      const data = new value(all.buffer, 0, Math.floor(all.byteLength / typedArray<DType>(dtype, 0).BYTES_PER_ELEMENT));
      roundTrip(moduleOf([], (b) => [b.constant({ dtype, shape: [data.length] }, data)]));
    }), { numRuns: 200, seed: 12 });
  });
  it('of all numbers that a constant may repeat', () => fc.assert(fc.property(fc.double(), (value) => {
    roundTrip(moduleOf([f32(2)], (b, x) => [b.like(x, value), b.map('mul', [x, b.like(x, value)])]));
  }), { numRuns: 200, seed: 13 }));

  it('of the programs that rules are tested on', () => {
    const random = generator(5);
    for (const rule of [...algebraRules, ...contractionRules, ...moveRules, ...reductionRules, ...stabiliseRules]) for (const { module } of programsFor(rule, random)) roundTrip(module);
  });
  it('of the tutorial\'s step, after every pass', () => roundTrips(trainingStep([12, 8, 6, 4], 10)));
  it('of functions as they are lowered: composites, keys, derivatives of derivatives', () => {
    const loss = (x: ReturnType<typeof tensor<[4, 3]>>) => mean(sum(mul(neg(logSoftmax(x)), softmax(gelu(x))), -1));
    const functions = [
      fn([tensor([4, 3])], (x) => grad(loss)(x)),
      fn([tensor([4, 3])], (x) => jvp((v: typeof x) => grad(loss)(v))([x], [x])),
      fn([key(0)], (k) => normal(k, [3, 2])),
      fn([labels(['n'])], (ids) => oneHot(ids, 10)),
    ];
    for (const f of functions) roundTrips(orThrow(lowerModule(f as never)));
  });
});

describe('the text', () => {
  it('names values by place, writes numbers where they stand, and reads results of several one by one', () => {
    expect(printModule(modules['calls, composites and transforms of several results']())).toMatchInlineSnapshot(`
      "module main

      graph body(x0: f32[2, 3], x1: i32[]) {
        %0: f32[2, 3] = exp(x0)
        %1: i32[] = add(x1, x1)
        %2: f32[] = reduce add(x0) axes [0, 1]
        return %0, %1, %2
      }

      graph back(x0: f32[2, 3], x1: i32[], x2: f32[2, 3], x3: i32[], x4: f32[], x5: f32[2, 3], x6: f32[]) {
        %0: f32[2, 3] = mul(x2, x5)
        return %0
      }

      graph loss(x0: f32[2, 3], x1: i32[]) {
        %0: (f32[2, 3], i32[], f32[]) = composite \`my op\`(x0, x1) { axis: 1, \`odd key\`: \`a \\\`quoted\\\` \\\\ text\`, flag: true, off: false, sizes: [1, 2.5, -3], rate: nan } body body vjp back
        %1: (f32[2, 3], i32[], f32[]) = composite plain(x0, x1) body body
        %2: f32[] = sub(%0[2], %1[2])
        %3: (f32[2, 3], i32[], f32[]) = call body(x0, x1)
        return %2, %0[1], %3[0]
      }

      graph main(x0: f32[2, 3], x1: i32[]) {
        %0: f32[] = constant 1
        %1: (f32[], i32[], f32[2, 3], f32[2, 3]) = transform vjp loss(x0, x1, %0, x0) wrt [0]
        %2: (f32[], i32[], f32[2, 3], f32[], f32[2, 3]) = transform jvp loss(x0, x1, x0, x0) wrt [0, 0]
        %3: f32[2, 4, 3] = broadcastInDim(x0) dims [0, 2]
        %4: (f32[4, 2, 3], i32[4], f32[4]) = transform vmap body(%3, x1) axes [1, none]
        return %1[0], %1[1], %1[2], %1[3], %2[0], %2[1], %2[2], %2[3], %2[4], %4[0], %4[1], %4[2], x1
      }
      "
    `);
  });
  it('writes the elements of small constants, and the bytes of others after the graphs', () => {
    expect(printModule(modules['small constants']())).toMatchInlineSnapshot(`
      "module main

      graph main() {
        %0: f32[2, 2] = constant [0.1, -0, inf, 1e-45]
        %1: i32[2] = constant [-2147483648, 7]
        %2: u32[1] = constant 4294967295
        %3: bool[3] = constant [1, 0, 1]
        %4: f32[0] = constant []
        %5: f32[2] = constant data 0
        %6: f64[2] = constant [0.1, 0.3333333333333333]
        %7: f32[] = constant [2]
        %8: f32[2] = constant data 1
        return %0, %1, %2, %3, %4, %5, %6, %7, %8
      }

      data 0: f64
        \`mpmZmZmZuT+amZmZmZnJPw==\`

      data 1: f32
        \`AQDAfwAAwP8=\`
      "
    `);
    const large = printModule(modules['large constants, one of them twice']());
    expect(large.match(/^data \d+: \w+$/gm)).toEqual(['data 0: f32', 'data 1: i32']);
    expect(large.split('\n').every((line) => line.length <= 120)).toBe(true);
    expect(large.length).toBeLessThan(1.5 * 4260 + 1000);
  });
  it('leaves large constants out on request', () => {
    const module = modules['large constants, one of them twice'](), short = printModule(module, { data: false });
    expect(short).not.toMatch(/^data/m);
    expect(parseModule(short)).toMatchObject({ _tag: 'Left', left: [{ code: 'FX2002', message: 'the text holds no data 0' }] });
    expect(short).toContain(printGraph([...module.graphs.values()][1]));
  });
});
