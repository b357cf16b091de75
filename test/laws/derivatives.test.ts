import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typedArray, type TypedArray } from '../../src/core/dtype.ts';
import { render } from '../../src/core/render.ts';
import { undifferentiable } from '../../src/compile/stages.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { checkModule } from '../../src/testing/derivativeCheck.ts';
import { derivativeOf, floatPlaces, mainOf, meaningOf, sizeOfNode, weights } from '../../src/testing/derivatives.ts';
import { weighted } from '../../src/testing/differences.ts';
import { runs } from './runs.ts';
import { differentiable } from './smooth.ts';

const float = (module: Module, args: readonly TypedArray[]): readonly TypedArray[] => args.map((a, i) => (floatPlaces(mainOf(module).params).includes(i) ? typedArray('f64', a) : a));
const seedsFor = (module: Module, of: 'params' | 'results', phase: number): readonly Float64Array[] => {
  const nodes = mainOf(module)[of];
  return floatPlaces(nodes).map((i, k) => weights(sizeOfNode(nodes[i]), phase + k));
};
/** equal but for the rounding of the terms that they are sums of */
const expectEqual = (x: number, y: number, size: number, what: string): void => {
  if (!Number.isFinite(size)) return;
  expect(Math.abs(x - y), `${what}: ${x} and ${y}`).toBeLessThanOrEqual(1e-9 * size + 1e-280);
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
    let compared = 0;
    fc.assert(fc.property(differentiable(), ({ module, args }) => {
      const at = float(module, args), u = seedsFor(module, 'results', 1), v = seedsFor(module, 'params', 5);
      const jv = meaningOf(derivativeOf(module, 'jvp'))([...at, ...v]), ju = meaningOf(derivativeOf(module, 'vjp'))([...at, ...u]);
      expectEqual(weighted(jv, u), weighted(ju, v), weighted(jv, u, Math.abs) + weighted(ju, v, Math.abs), '⟨u, Jv⟩ and ⟨Jᵀu, v⟩');
      compared++;
    }), runs(200, 32));
    expect(compared).toBeGreaterThan(150);
  });
  it('second derivatives are symmetric, in each of the four ways to take them', () => {
    let curved = 0;
    fc.assert(fc.property(differentiable({ steps: 8 }), ({ module, args }) => {
      const at = float(module, args), u = seedsFor(module, 'results', 1), v = seedsFor(module, 'params', 5), w = seedsFor(module, 'params', 9);
      const reverse = derivativeOf(module, 'vjp'), forward = derivativeOf(module, 'jvp'), wrt = floatPlaces(mainOf(module).params);
      const along = (of: Module, kind: 'jvp' | 'vjp', seeds: readonly TypedArray[]) => (extra: readonly TypedArray[]): readonly TypedArray[] => meaningOf(derivativeOf(of, kind, wrt))([...at, ...extra, ...seeds]);
      // ⟨v, H w⟩: the gradient along w, the gradient pulled back, and the same of the tangent
      const overReverse = weighted(along(reverse, 'jvp', w)(u), v), size = weighted(along(reverse, 'jvp', w)(u), v, Math.abs);
      expectEqual(weighted(along(reverse, 'jvp', v)(u), w), overReverse, size, '⟨w, H v⟩ and ⟨v, H w⟩');
      expectEqual(weighted(along(reverse, 'vjp', w)(u), v), overReverse, size, 'reverse and forward over reverse');
      expectEqual(weighted(along(forward, 'vjp', u)(w), v), overReverse, size, 'reverse over forward and forward over reverse');
      expectEqual(weighted(along(forward, 'jvp', w)(v), u), overReverse, size, 'forward over forward and forward over reverse');
      if (size > 0) curved++;
    }), runs(150, 33));
    expect(curved).toBeGreaterThan(50);
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
