import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { nodesOf } from '../../src/ir/graph/walk.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { programs } from '../../src/testing/index.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runGraph, runModule } from './run.ts';
import { runs } from './runs.ts';

/** with every operation, over numbers that lie in memory as halves, and among others */
const dtypes = ['bf16', 'f16', 'f32', 'i32', 'bool', 'f16', 'bf16'] as const;
describe.each([['js', js()], ['wasm', wasm({ threads: 1 })], ['wasm, two threads', wasm({ threads: 2 })]] as const)('halves on %s', (_, backend) => {
  it('equal the reference within the error of their digits, on generated graphs as they are', () => {
    const t = tally();
    fc.assert(fc.property(programs({ dtypes }), ({ module, args }) => judge(module, args, runGraph(backend, mainOf(module), args), 8, t)), runs(200, 81));
    fewSkipped(t);
    expect(t.refused).toBe(0);
  });
  it('and on generated modules through every stage', () => {
    const t = tally(), kinds = new Set<string>();
    fc.assert(fc.property(programs({ ops: everyOp, dtypes }), ({ module, args }) => {
      for (const graph of module.graphs.values()) for (const n of nodesOf(graph)) if (n.op === 'transform') kinds.add(n.attrs.kind);
      judge(module, args, runModule(backend, module, args), 16, t);
    }), runs(150, 82));
    // a coarse error trips more of what jumps
    fewSkipped(t, { most: 0.1 });
    expect([...kinds]).toEqual(expect.arrayContaining(['jvp', 'store', 'vjp']));
    expect(t.refused).toBe(0);
  });
});
