import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typedArray, type TypedArray } from '../../src/core/dtype.ts';
import { render } from '../../src/core/render.ts';
import { undifferentiable } from '../../src/passes/graph/expandTransforms.ts';
import { boundedResults } from '../../src/ir/graph/bounds.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { checkModule } from '../../src/testing/derivativeCheck.ts';
import { derivativeOf, floatPlaces, mainOf, sizeOfNode, weights, type Kind } from '../../src/testing/derivatives.ts';
import { weighted } from '../../src/testing/differences.ts';
import { moduleOf } from '../passes/plan/golden.ts';
import { expanded } from './meaning.ts';
import { runs } from './runs.ts';
import { differentiable } from './smooth.ts';

const float = (module: Module, args: readonly TypedArray[]): readonly TypedArray[] => args.map((a, i) => (floatPlaces(mainOf(module).params).includes(i) ? typedArray('f64', a) : a));
const seedsFor = (module: Module, of: 'params' | 'results', phase: number): readonly Float64Array[] => {
  const nodes = mainOf(module)[of];
  return floatPlaces(nodes).map((i, k) => weights(sizeOfNode(nodes[i]), phase + k));
};
/** Σ wᵢ·rᵢ over the results rᵢ in doubles, and how far its rounding may take it: each term of each result counts by its magnitude */
interface Product { readonly value: number; readonly error: number }
const product = (module: Module, args: readonly TypedArray[], w: readonly Float64Array[]): Product => {
  const found = boundedResults(expanded(module), args, { epsilon: 2 ** -53, ulps: 8 }), values = found.map((r) => r.value);
  const terms = w.reduce((n, row) => n + row.length, 0), own = terms * Number.EPSILON * weighted(values, w, Math.abs);
  return { value: weighted(values, w), error: weighted(found.map((r) => r.error), w, Math.abs) + own };
};
interface Compared { compared: number; skipped: number }
/** equal but for rounding; where a rounding error could have tripped a comparison, there is nothing to say */
const expectEqual = (x: Product, y: Product, what: string, count: Compared): void => {
  const bound = x.error + y.error;
  if (!Number.isFinite(bound)) { count.skipped++; return; }
  count.compared++;
  expect(Math.abs(x.value - y.value), `${what}: ${x.value} and ${y.value}`).toBeLessThanOrEqual(bound);
};

describe('derivatives of generated programs', () => {
  it('reverse mode equals central differences and forward mode, and so do their own derivatives', () => {
    const count = { compared: 0, skipped: 0 };
    fc.assert(fc.property(differentiable({ steps: 6 }), ({ module, args }) => {
      const found = checkModule(module, args, { order: 2, elements: 3 });
      if (!('compared' in found)) throw new Error(found.map((d) => render([d])).join('\n'));
      count.compared += found.compared;
      count.skipped += found.skipped;
    }), runs(120, 31));
    expect(count.compared).toBeGreaterThan(500);
    // kinks, and functions that turn faster than a step
    expect(count.skipped / (count.compared + count.skipped)).toBeLessThan(0.15);
  });
  it('reverse mode is the transpose of forward mode: ⟨u, Jv⟩ = ⟨Jᵀu, v⟩', () => {
    const count = { compared: 0, skipped: 0 };
    fc.assert(fc.property(differentiable(), ({ module, args }) => {
      const at = float(module, args), u = seedsFor(module, 'results', 1), v = seedsFor(module, 'params', 5);
      const forward = product(derivativeOf(module, 'jvp'), [...at, ...v], u), reverse = product(derivativeOf(module, 'vjp'), [...at, ...u], v);
      expectEqual(forward, reverse, '⟨u, Jv⟩ and ⟨Jᵀu, v⟩', count);
    }), runs(200, 32));
    expect(count.compared).toBeGreaterThan(150);
  });
  it('second derivatives are symmetric, in each of the four ways to take them', () => {
    const count = { compared: 0, skipped: 0 };
    let curved = 0;
    fc.assert(fc.property(differentiable({ steps: 8 }), ({ module, args }) => {
      const at = float(module, args), u = seedsFor(module, 'results', 1), v = seedsFor(module, 'params', 5), w = seedsFor(module, 'params', 9);
      const reverse = derivativeOf(module, 'vjp'), forward = derivativeOf(module, 'jvp'), wrt = floatPlaces(mainOf(module).params);
      const along = (of: Module, kind: Kind, seeds: readonly TypedArray[]) => (extra: readonly TypedArray[], weights: readonly Float64Array[]): Product =>
        product(derivativeOf(of, kind, wrt), [...at, ...extra, ...seeds], weights);
      // ⟨v, H w⟩: the gradient along w, the gradient pulled back, and the same of the tangent
      const overReverse = along(reverse, 'jvp', w)(u, v);
      expectEqual(along(reverse, 'jvp', v)(u, w), overReverse, '⟨w, H v⟩ and ⟨v, H w⟩', count);
      expectEqual(along(reverse, 'vjp', w)(u, v), overReverse, 'reverse and forward over reverse', count);
      expectEqual(along(forward, 'vjp', u)(w, v), overReverse, 'reverse over forward and forward over reverse', count);
      expectEqual(along(forward, 'jvp', w)(v, u), overReverse, 'forward over forward and forward over reverse', count);
      if (Math.abs(overReverse.value) > overReverse.error) curved++;
    }), runs(150, 33));
    expect(curved).toBeGreaterThan(50);
    expect(count.skipped / (count.compared + count.skipped)).toBeLessThan(0.05);
  });
});

it('what has no derivative says so, of every operation in its way', () => {
  let refused = 0;
  fc.assert(fc.property(differentiable({ refused: true }), ({ module }) => {
    const told = undifferentiable(derivativeOf(module, 'vjp'));
    // forward mode goes wherever reverse mode does; of a graph's results it takes all or none
    if (told.length === 0 && module.graphs.size === 1) expect(undifferentiable(derivativeOf(module, 'jvp'))).toEqual([]);
    for (const d of told) expect(d).toMatchObject({ code: 'FX4001', message: expect.stringMatching(/^(reduce|scatter) \w+ has no reverse-mode derivative: ./) });
    if (told.length > 0) refused++;
  }), runs(150, 34));
  expect(refused).toBeGreaterThan(5);
});

it('terms that cancel leave their rounding, and no more', () => {
  const module = moduleOf('(x: f32[]) { %0: f32[] = sin(x) %1: f32[] = mul(%0, 3.9375) %2: f32[] = add(%1, 4.0625) %3: f32[] = div(%2, %2) return %3 }');
  for (const kind of ['vjp', 'jvp'] as const) for (const [x, seed] of [[2.8, 1], [2.8, 1e6]]) {
    const slope = product(derivativeOf(module, kind), [Float64Array.of(x), Float64Array.of(seed)], [Float64Array.of(1)]), count = { compared: 0, skipped: 0 };
    expectEqual(slope, { value: 0, error: 0 }, 'the slope of g/g and 0', count);
    expect(count).toEqual({ compared: 1, skipped: 0 });
    expect(() => expectEqual(slope, { value: 1e-13 * seed, error: 0 }, 'the slope of g/g and more than its rounding', count)).toThrow('more than its rounding');
  }
});
