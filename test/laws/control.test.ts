import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { js } from '../../src/backends/js/js.ts';
import { undifferentiable } from '../../src/passes/graph/expandTransforms.ts';
import { typedArray } from '../../src/core/dtype.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { interpret } from '../../src/ir/graph/interpret.ts';
import { unrolled } from '../../src/ir/graph/unroll.ts';
import { nodesOf } from '../../src/ir/graph/walk.ts';
import { programs } from '../../src/testing/index.ts';
import { derivativeOf, floatPlaces, mainOf, meaningOf, sizeOfNode, weights } from '../../src/testing/derivatives.ts';
import { slopeOf, weighted } from '../../src/testing/differences.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { scalarNames } from '../../src/testing/grow.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runModule } from './run.ts';
import { runs } from './runs.ts';

const controls = everyOp.filter((op) => op === 'scan' || op === 'while' || op === 'case' || op === 'map' || op === 'dotGeneral' || op === 'reduce' || op === 'slice' || op === 'broadcastInDim');
const holdsControl = (module: Parameters<typeof mainOf>[0]): boolean => nodesOf(mainOf(module)).some((n) => n.op === 'scan' || n.op === 'while' || n.op === 'case');

describe('loops and choices', () => {
  it('equal what they are written out, bit for bit', () => {
    let seen = 0;
    fc.assert(fc.property(programs({ ops: controls }), ({ module, args }) => {
      if (holdsControl(module)) seen++;
      const [got, wanted] = [module, unrolled(module, () => 3)].map((m) => interpret(m, args));
      got.forEach((values, i) => expect(Array.from(values)).toEqual(Array.from(wanted[i])));
    }), { numRuns: 150, seed: 61 });
    expect(seen).toBeGreaterThan(30);
  });
  it.each([['js', js()], ['wasm on one thread', wasm({ threads: 1 })], ['wasm on two threads', wasm({ threads: 2 })]] as const)('compute on %s what they mean', (_, backend) => {
    const t = tally();
    let seen = 0;
    fc.assert(fc.property(programs({ ops: controls }), ({ module, args }) => {
      if (!holdsControl(module)) return;
      seen++;
      judge(module, args, runModule(backend, module, args), 16, t);
    }), { numRuns: 150, seed: 62 });
    expect(seen).toBeGreaterThan(30);
    expect(t.refused).toBe(0);
    fewSkipped(t, { least: 300 });
  });
  it('that end when they will have the tangents that differences show', () => {
    let compared = 0, skipped = 0;
    const smooth = ['while', 'while', 'map', 'dotGeneral', 'scan', 'case', 'reduce', 'broadcastInDim'] as const, fns = scalarNames.filter((name) => name !== 'stopGradient');
    fc.assert(fc.property(programs({ ops: smooth, fns, dtypes: ['f32'], steps: 6 }), ({ module, args }) => {
      const { params, results } = mainOf(module), places = floatPlaces(results);
      if (places.length === 0 || !nodesOf(mainOf(module)).some((n) => n.op === 'while') || undifferentiable(derivativeOf(module, 'jvp')).length > 0) return;
      const at = args.map((a) => typedArray('f64', a)), along = params.map((p, i) => weights(sizeOfNode(p), i)), u = places.map((i) => weights(sizeOfNode(results[i]), 7 + i)), value = meaningOf(module);
      const slope = slopeOf((t) => { const all = value(at.map((a, i) => a.map((x, k) => x + t * along[i][k]))); return places.map((i) => all[i]); }, u, 1, 1e-6);
      if (!slope.isSmooth) { skipped++; return; }
      compared++;
      const moved = weighted(meaningOf(derivativeOf(module, 'jvp'))([...at, ...along]), u);
      expect(Math.abs(moved - slope.value), `${moved}, but ${slope.value} by differences`).toBeLessThanOrEqual(1e-6 * slope.size + slope.error);
    }), runs(200, 64));
    expect(compared).toBeGreaterThan(60);
    expect(skipped / (compared + skipped)).toBeLessThan(0.3);
  });
});
