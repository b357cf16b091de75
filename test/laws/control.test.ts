import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { interpret } from '../../src/ir/graph/interpret.ts';
import { unrolled } from '../../src/ir/graph/unroll.ts';
import { nodesOf } from '../../src/ir/graph/walk.ts';
import { programs } from '../../src/testing/index.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runModule } from './run.ts';

const controls = everyOp.filter((op) => op === 'scan' || op === 'case' || op === 'map' || op === 'dotGeneral' || op === 'reduce' || op === 'slice' || op === 'broadcastInDim');
const holdsControl = (module: Parameters<typeof mainOf>[0]): boolean => nodesOf(mainOf(module)).some((n) => n.op === 'scan' || n.op === 'case');

describe('loops and choices', () => {
  it('equal what they are written out, bit for bit', () => {
    let seen = 0;
    fc.assert(fc.property(programs({ ops: controls }), ({ module, args }) => {
      if (holdsControl(module)) seen++;
      const [got, wanted] = [module, unrolled(module)].map((m) => interpret(m, args));
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
});
